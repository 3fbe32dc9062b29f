package dev.gantry.agent;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One SubmitTaskStateChange: a task's status and the containers that changed since the last one
/// was accepted (agent-protocol 4).
///
/// The order of reports for one task is PENDING, RUNNING, STOPPED; any may be missing, none is sent
/// after a later one. A container may have two entries in one report, RUNNING before STOPPED.
///
/// @param status of the task
/// @param entries in the order to be applied
record TaskReport(
    Status status,
    List<Entry> entries,
    @Nullable Instant pullStartedAt,
    @Nullable Instant pullStoppedAt,
    @Nullable Instant executionStoppedAt) {

  /// How long a container's change that does not change the task's status waits for company.
  /// Amazon's agent waits 10 to 30 s; less tells a stopping task's exit code sooner, nothing saves
  /// a report where siblings end together.
  static final Duration DRAIN = Duration.ofSeconds(1);

  /// How long STOPPED is held back for the task's last output to arrive, so that whoever sees a
  /// stopped task finds its whole log. Normally milliseconds.
  static final Duration LOG_GRACE = Duration.ofSeconds(2);

  /// One container's change.
  ///
  /// @param container its place in the plan
  /// @param status RUNNING or STOPPED
  /// @param bindings null if there are none to tell
  record Entry(
      int container,
      Status status,
      @Nullable String runtimeId,
      @Nullable Integer exitCode,
      @Nullable String reason,
      @Nullable String imageDigest,
      @Nullable List<PortBinding> bindings) {}

  /// The report that is due, or null.
  ///
  /// @param now decides only about waits that are over
  static @Nullable TaskReport due(TaskState task, Instant now) {
    TaskRecord record = task.record();
    boolean stopped = record.stopped();
    if (record.reported() == Status.STOPPED) {
      return null;
    }
    if (record.ran() && record.reported().compareTo(Status.RUNNING) < 0) {
      for (int i = 0; i < task.size(); i++) {
        if (task.bindingsMissing(i)) {
          return null;
        }
      }
      // A task that is over already keeps its exits for STOPPED, which then tells its whole end.
      return of(task, Status.RUNNING, !stopped);
    }
    if (stopped) {
      Instant stoppedAt = record.stoppedAt();
      boolean waited = stoppedAt == null || !stoppedAt.plus(LOG_GRACE).isAfter(now);
      TaskRecord stored = task.activity().stored();
      boolean safe = stored != null && stored.stopped();
      return safe && (task.silent() || waited) ? of(task, Status.STOPPED, true) : null;
    }
    Instant since = task.activity().unreportedSince();
    if (since != null && !since.plus(DRAIN).isAfter(now)) {
      Status status = record.reported() == Status.NONE ? Status.PENDING : record.reported();
      return of(task, status, true);
    }
    return null;
  }

  /// When [#due] may answer differently although nothing happens; null for never.
  static @Nullable Instant next(TaskState task) {
    TaskRecord record = task.record();
    if (record.reported() == Status.STOPPED) {
      return null;
    }
    if (record.stopped()) {
      Instant stoppedAt = record.stoppedAt();
      return stoppedAt == null || task.silent() ? null : stoppedAt.plus(LOG_GRACE);
    }
    Instant since = task.activity().unreportedSince();
    return since == null ? null : since.plus(DRAIN);
  }

  /// True if some container's change was not told yet.
  static boolean unreported(TaskState task) {
    return !entries(task, true).isEmpty();
  }

  private static TaskReport of(TaskState task, Status status, boolean exits) {
    TaskRecord record = task.record();
    return new TaskReport(
        status,
        entries(task, exits),
        record.pullStartedAt(),
        record.pullStoppedAt(),
        record.executionStoppedAt());
  }

  /// What there is to tell. An end is told when it is on disk: an agent that fell and forgot it
  /// would start the container once more.
  private static List<Entry> entries(TaskState task, boolean exits) {
    List<Entry> entries = new ArrayList<>();
    TaskRecord stored = task.activity().stored();
    for (int i = 0; i < task.size(); i++) {
      ContainerRecord container = task.record(i);
      boolean ran = container.startedAt() != null;
      if (ran && container.reported().compareTo(Status.RUNNING) < 0 && !task.bindingsMissing(i)) {
        entries.add(entry(i, container, Status.RUNNING));
      }
      if (exits
          && container.phase() == Phase.STOPPED
          && stored != null
          && stored.containers().get(i).phase() == Phase.STOPPED
          && container.reported().compareTo(Status.STOPPED) < 0) {
        entries.add(entry(i, container, Status.STOPPED));
      }
    }
    return entries;
  }

  private static Entry entry(int index, ContainerRecord container, Status status) {
    List<PortBinding> bindings = container.bindings();
    return new Entry(
        index,
        status,
        container.runtimeId(),
        status == Status.STOPPED ? container.exitCode() : null,
        container.reason(),
        container.imageDigest(),
        bindings == null || bindings.isEmpty() ? null : List.copyOf(bindings));
  }
}
