package dev.gantry.agent;

import dev.gantry.agent.ContainerRecord.LogProgress;
import dev.gantry.agent.TaskActivity.ContainerActivity;
import dev.gantry.agent.TaskActivity.Doing;
import dev.gantry.agent.TaskActivity.Doubt;
import dev.gantry.agent.TaskActivity.Image;
import dev.gantry.agent.TaskActivity.Stream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A working copy of a [TaskState], so that a transition reads as the changes it makes. Lives
/// within one call of [TaskTransitions] and is never shared.
final class TaskDraft {
  private final TaskPlan plan;

  boolean wanted;
  boolean ran;
  @Nullable Instant pullStartedAt;
  @Nullable Instant pullStoppedAt;
  @Nullable Instant executionStoppedAt;
  @Nullable Instant stoppedAt;
  Status reported;

  @Nullable TaskRecord stored;
  @Nullable TaskRecord saving;
  Retry saveRetry;
  @Nullable TaskReport reporting;
  Retry reportRetry;
  @Nullable Instant unreportedSince;
  boolean deleting;

  final List<ContainerDraft> containers = new ArrayList<>();

  /// A working copy of one container's record and activity.
  static final class ContainerDraft {
    final ContainerPlan plan;
    private final String engineName;

    Phase phase;
    @Nullable String runtimeId;
    @Nullable String imageDigest;
    @Nullable Instant startedAt;
    @Nullable Instant finishedAt;
    @Nullable Integer exitCode;
    @Nullable String reason;
    @Nullable List<PortBinding> bindings;
    boolean condemned;
    Status reported;
    boolean streamReady;
    @Nullable LogCursor cursor;
    boolean drained;
    boolean removed;

    Doing doing;
    boolean inspect;
    boolean stray;
    Image image;
    @Nullable Doubt doubt;
    Retry retry;
    int pullFailures;
    boolean imageLost;
    Stream stream;
    Retry streamRetry;
    @Nullable Instant streamSince;
    boolean following;
    Retry followRetry;

    private ContainerDraft(ContainerPlan plan, ContainerRecord record, ContainerActivity activity) {
      this.plan = plan;
      engineName = record.engineName();
      phase = record.phase();
      runtimeId = record.runtimeId();
      imageDigest = record.imageDigest();
      startedAt = record.startedAt();
      finishedAt = record.finishedAt();
      exitCode = record.exitCode();
      reason = record.reason();
      bindings = record.bindings();
      condemned = record.condemned();
      reported = record.reported();
      streamReady = record.log().streamReady();
      cursor = record.log().cursor();
      drained = record.log().drained();
      removed = record.removed();
      doing = activity.doing();
      inspect = activity.inspect();
      stray = activity.stray();
      image = activity.image();
      doubt = activity.doubt();
      retry = activity.retry();
      pullFailures = activity.pullFailures();
      imageLost = activity.imageLost();
      stream = activity.stream();
      streamRetry = activity.streamRetry();
      streamSince = activity.streamSince();
      following = activity.following();
      followRetry = activity.followRetry();
    }

    private ContainerRecord toRecord() {
      return new ContainerRecord(
          engineName,
          phase,
          runtimeId,
          imageDigest,
          startedAt,
          finishedAt,
          exitCode,
          reason,
          bindings,
          condemned,
          reported,
          new LogProgress(streamReady, cursor, drained),
          removed);
    }

    private ContainerActivity toActivity() {
      return new ContainerActivity(
          doing,
          inspect,
          stray,
          image,
          doubt,
          retry,
          pullFailures,
          imageLost,
          stream,
          streamRetry,
          streamSince,
          following,
          followRetry);
    }
  }

  TaskDraft(TaskState task) {
    plan = task.plan();
    TaskRecord record = task.record();
    wanted = record.wanted();
    ran = record.ran();
    pullStartedAt = record.pullStartedAt();
    pullStoppedAt = record.pullStoppedAt();
    executionStoppedAt = record.executionStoppedAt();
    stoppedAt = record.stoppedAt();
    reported = record.reported();
    TaskActivity activity = task.activity();
    stored = activity.stored();
    saving = activity.saving();
    saveRetry = activity.saveRetry();
    reporting = activity.reporting();
    reportRetry = activity.reportRetry();
    unreportedSince = activity.unreportedSince();
    deleting = activity.deleting();
    for (int i = 0; i < task.size(); i++) {
      containers.add(new ContainerDraft(task.plan(i), task.record(i), task.activity(i)));
    }
  }

  /// True if the task's containers have the host's network, so that nothing is published.
  boolean sharesHostNetwork() {
    return plan.networkMode().equals("host");
  }

  TaskRecord toRecord() {
    List<ContainerRecord> records = new ArrayList<>();
    for (ContainerDraft container : containers) {
      records.add(container.toRecord());
    }
    return new TaskRecord(
        wanted,
        ran,
        records,
        pullStartedAt,
        pullStoppedAt,
        executionStoppedAt,
        stoppedAt,
        reported);
  }

  TaskState toState() {
    List<ContainerActivity> activities = new ArrayList<>();
    for (ContainerDraft container : containers) {
      activities.add(container.toActivity());
    }
    return new TaskState(
        plan,
        toRecord(),
        new TaskActivity(
            stored,
            saving,
            saveRetry,
            reporting,
            reportRetry,
            unreportedSince,
            deleting,
            activities));
  }
}
