package dev.gantry.control.session;

import dev.gantry.api.tcs.InstanceStatus;
import dev.gantry.api.tcs.PublishInstanceStatusRequest;
import dev.gantry.control.InstanceHealth;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// An agent's report of its host's health, in the callers' words.
final class InstanceStatusMapping {
  /// The most checks of one report that are kept; agents know four kinds.
  static final int MAX_CHECKS = 10;

  /// The longest text of an agent that is kept.
  static final int MAX_TEXT = 255;

  private InstanceStatusMapping() {}

  static InstanceHealth health(PublishInstanceStatusRequest report) {
    List<InstanceHealth.Check> checks = new ArrayList<>();
    for (InstanceStatus status :
        Objects.requireNonNullElse(report.statuses(), List.<InstanceStatus>of())) {
      String type = status.type();
      if (type != null && !type.isEmpty() && checks.size() < MAX_CHECKS) {
        String reason = status.statusReason();
        checks.add(
            new InstanceHealth.Check(
                type(type),
                status(status.status()),
                reason == null || reason.isEmpty() ? null : cut(reason),
                status.lastUpdated(),
                status.lastStatusChange()));
      }
    }
    return new InstanceHealth(List.copyOf(checks));
  }

  /// Agents say `ContainerRuntime` where callers read CONTAINER_RUNTIME.
  private static String type(String said) {
    return cut(said).replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toUpperCase(Locale.ROOT);
  }

  /// A word of a later agent says nothing that callers could read.
  private static InstanceHealth.Status status(@Nullable String said) {
    return switch (Objects.requireNonNullElse(said, "")) {
      case "OK" -> InstanceHealth.Status.OK;
      case "IMPAIRED" -> InstanceHealth.Status.IMPAIRED;
      case "INITIALIZING" -> InstanceHealth.Status.INITIALIZING;
      default -> InstanceHealth.Status.INSUFFICIENT_DATA;
    };
  }

  private static String cut(String text) {
    return text.substring(0, Math.min(MAX_TEXT, text.length()));
  }
}
