package dev.gantry.agent;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is known for good of one container: the part that is on disk.
///
/// @param engineName its name in the engine, drawn once and kept, so that a create whose answer was
///   lost is found again
/// @param runtimeId the engine's id, once created
/// @param imageDigest the manifest digest of its image, if it has one
/// @param startedAt when it began to run; null if it never did
/// @param finishedAt when it ended
/// @param exitCode null as long as it runs, and if it never ran
/// @param reason why it ended, or what went wrong on the way without ending it
/// @param bindings its published ports as the engine made them; null until the engine was asked
/// @param condemned true if it must end whatever the task wants, because a start went wrong and it
///   may run all the same
/// @param reported what the control plane has accepted of it
/// @param removed true once the engine has forgotten it
record ContainerRecord(
    String engineName,
    Phase phase,
    @Nullable String runtimeId,
    @Nullable String imageDigest,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    @Nullable Integer exitCode,
    @Nullable String reason,
    @Nullable List<PortBinding> bindings,
    boolean condemned,
    Status reported,
    LogProgress log,
    boolean removed) {

  /// How far the shipping of its output has come.
  ///
  /// @param streamReady the log stream exists
  /// @param cursor what was accepted; null if nothing was
  /// @param drained all output was accepted; nothing follows
  record LogProgress(boolean streamReady, @Nullable LogCursor cursor, boolean drained) {
    static final LogProgress NONE = new LogProgress(false, null, false);
  }

  /// A container of which nothing was done yet.
  static ContainerRecord fresh(String engineName) {
    return new ContainerRecord(
        engineName,
        Phase.NONE,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        false,
        Status.NONE,
        LogProgress.NONE,
        false);
  }

  /// True once nothing of its output is left to be shipped.
  boolean silent(LogPlan plan) {
    return switch (plan) {
      case LogPlan.Engine _ -> true;
      case LogPlan.Shipped _ -> log.drained() || (phase == Phase.STOPPED && startedAt == null);
    };
  }
}
