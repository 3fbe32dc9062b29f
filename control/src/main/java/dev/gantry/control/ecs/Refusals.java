package dev.gantry.control.ecs;

import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Collects the members of a request that do not act yet, and refuses them by name: what is asked
/// for is done, or is said not to be done, never ignored.
final class Refusals {
  private final List<String> members = new ArrayList<>();

  /// The member is refused if it was given at all.
  void unlessAbsent(@Nullable Object given, String member) {
    if (given != null) {
      members.add(member);
    }
  }

  /// The member is refused if anything is in it.
  void unlessEmpty(@Nullable Collection<?> given, String member) {
    if (given != null && !given.isEmpty()) {
      members.add(member);
    }
  }

  /// The member is refused if it was given and is true.
  void unlessFalse(@Nullable Boolean given, String member) {
    if (given != null && given) {
      members.add(member);
    }
  }

  /// The member is refused with what was given.
  void always(String member) {
    members.add(member);
  }

  /// @param operation the operation that would have to act on the members
  /// @throws ServiceException UnsupportedFeatureException, naming every member that was refused
  void check(String operation) {
    if (!members.isEmpty()) {
      throw EcsErrors.unsupportedFeatureException(
          operation
              + " does not act on "
              + String.join(", ", members)
              + " in this release of Gantry. COMPATIBILITY.md lists what acts.");
    }
  }
}
