package dev.gantry.agent;

import dev.gantry.agent.AgentEffect.Note;
import dev.gantry.agent.AgentEffect.PingEngine;
import dev.gantry.api.tcs.InstanceStatus;
import java.time.Instant;

/// How the host is, as far as its container engine shows it: INITIALIZING until the engine was
/// asked for the first time, then OK or IMPAIRED as it gave a sign of life or not.
///
/// The engine is asked at each heartbeat of the control plane, as by Amazon's agent, and not while
/// it still owes an answer. Whatever came out is to be told once, whether it is news or not: the
/// control plane forgets it when it restarts.
///
/// A moment of the host, so it is not kept over a restart of the agent.
final class HostHealth {
  /// The kind of check, as agents say it (ecs-agent `doctor.HealthcheckTypeContainerRuntime`).
  static final String CONTAINER_RUNTIME = "ContainerRuntime";

  private static final String INITIALIZING = "INITIALIZING";
  private static final String OK = "OK";
  private static final String IMPAIRED = "IMPAIRED";

  private final Kernel kernel;
  private String status = INITIALIZING;
  private Instant checkedAt = Instant.EPOCH;
  private Instant changedAt = Instant.EPOCH;
  private boolean asking;
  private boolean told;

  HostHealth(Kernel kernel) {
    this.kernel = kernel;
  }

  /// The agent starts.
  void begin() {
    checkedAt = kernel.now();
    changedAt = checkedAt;
  }

  /// It is time to look.
  void check() {
    if (asking) {
      return;
    }
    asking = true;
    kernel.request(
        PingEngine::new,
        answer -> {
          asking = false;
          switch (answer) {
            case AgentEvent.EnginePinged _ -> found(OK, "");
            case AgentEvent.EngineFailed failed -> found(IMPAIRED, ": " + failed.message());
            default -> throw Kernel.unexpected("PingEngine was answered by", answer);
          }
        });
  }

  private void found(String now, String why) {
    checkedAt = kernel.now();
    told = false;
    if (!now.equals(status)) {
      boolean good = now.equals(OK);
      kernel.note(
          good ? Note.Level.INFO : Note.Level.WARNING, "this host's health is " + now + why);
      status = now;
      changedAt = checkedAt;
    }
  }

  /// Whether there is something that was not told yet.
  boolean untold() {
    return !told;
  }

  /// What there was to say is said.
  void told() {
    told = true;
  }

  /// What the control plane is told.
  InstanceStatus status() {
    return InstanceStatus.builder()
        .type(CONTAINER_RUNTIME)
        .status(status)
        .lastUpdated(checkedAt)
        .lastStatusChange(changedAt)
        .build();
  }
}
