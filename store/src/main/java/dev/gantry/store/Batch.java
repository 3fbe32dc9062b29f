package dev.gantry.store;

import dev.gantry.model.Change;
import java.util.List;

/// The changes of one decision, which become durable together or not at all.
///
/// @param firstRevision the revision of the first of them; each further one has the next
/// @param changes in the order they were decided, at least one
public record Batch(long firstRevision, List<Change> changes) {

  /// The most changes that one decision may make.
  public static final int MAX_CHANGES = 10_000;

  /// @throws IllegalArgumentException if there is no change, or there are too many
  public Batch {
    if (firstRevision < 1 || changes.isEmpty() || changes.size() > MAX_CHANGES) {
      throw new IllegalArgumentException(
          "A batch has 1 to "
              + MAX_CHANGES
              + " changes from revision 1 on, not "
              + changes.size()
              + " from "
              + firstRevision);
    }
    changes = List.copyOf(changes);
  }

  /// The batch that leads on from a State.
  public static Batch after(State state, List<Change> changes) {
    return new Batch(state.revision() + 1, changes);
  }

  /// The revision of the last change.
  public long lastRevision() {
    return firstRevision + changes.size() - 1;
  }
}
