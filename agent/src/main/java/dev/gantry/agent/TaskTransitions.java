package dev.gantry.agent;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.PublishedPort;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import dev.gantry.agent.TaskActivity.Doing;
import dev.gantry.agent.TaskActivity.Doubt;
import dev.gantry.agent.TaskActivity.Image;
import dev.gantry.agent.TaskActivity.Stream;
import dev.gantry.agent.TaskDraft.ContainerDraft;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What follows from beginning an action and from learning a fact. Pure: the new state is a
/// function of the old one and the arguments.
///
/// A container's phase only ever grows. An answer that comes too late (to a pull of a container
/// that was stopped meanwhile) changes nothing but that nothing is in flight any more.
final class TaskTransitions {

  /// How long a container waits for its log stream while the log service cannot be asked; then it
  /// fails to start, as the engine's own driver would have it.
  static final Duration LOG_STREAM_PATIENCE = Duration.ofMinutes(1);

  /// How often a pull is tried that fails in a way that may pass, as a registry that cannot be
  /// reached or is too busy. Amazon's agent tries as often; it also repeats what the registry does
  /// not know or does not allow, where another answer is not to be had.
  static final int PULL_ATTEMPTS = 5;

  private TaskTransitions() {}

  /// The task once `action` is under way.
  static TaskState begin(TaskState task, TaskAction action, Instant now) {
    TaskDraft draft = new TaskDraft(task);
    switch (action) {
      case TaskAction.Wait _ -> {}
      case TaskAction.Save _ -> draft.saving = task.record();
      case TaskAction.Submit(TaskReport report) -> draft.reporting = report;
      case TaskAction.Delete _ -> draft.deleting = true;
      case TaskAction.InspectImage(int i) -> draft.containers.get(i).doing = Doing.INSPECTING_IMAGE;
      case TaskAction.PullImage(int i) -> {
        draft.containers.get(i).doing = Doing.PULLING;
        if (draft.pullStartedAt == null) {
          draft.pullStartedAt = now;
        }
      }
      case TaskAction.CreateLogStream(int i) ->
          draft.containers.get(i).stream = Stream.CREATING_STREAM;
      case TaskAction.CreateLogGroup(int i) ->
          draft.containers.get(i).stream = Stream.CREATING_GROUP;
      case TaskAction.Create(int i) -> draft.containers.get(i).doing = Doing.CREATING;
      case TaskAction.Find(int i) -> draft.containers.get(i).doing = Doing.FINDING;
      case TaskAction.Start(int i) -> draft.containers.get(i).doing = Doing.STARTING;
      case TaskAction.Stop(int i, Duration _) -> draft.containers.get(i).doing = Doing.STOPPING;
      case TaskAction.Inspect(int i) -> {
        ContainerDraft container = draft.containers.get(i);
        container.doing = Doing.INSPECTING;
        // Whatever happens from now on asks for another look.
        container.inspect = false;
      }
      case TaskAction.Follow(int i) -> draft.containers.get(i).following = true;
      case TaskAction.Remove(int i) -> draft.containers.get(i).doing = Doing.REMOVING;
    }
    return draft.toState();
  }

  /// The task once `fact` is known.
  ///
  /// @param chance for the jitter of a retry, drawn evenly from 0 (inclusive) to 1 (exclusive)
  static TaskState learn(
      TaskState task, TaskFact fact, TaskRules rules, Instant now, double chance) {
    TaskDraft draft = new TaskDraft(task);
    switch (fact) {
      case TaskFact.StopWanted _ -> {
        draft.wanted = false;
        if (draft.reported == Status.STOPPED) {
          // Asked to stop what was reported stopped: the control plane has forgotten, so it is told
          // again. A stop always ends in a STOPPED report (agent-protocol 3.5).
          draft.reported = Status.RUNNING;
          for (ContainerDraft container : draft.containers) {
            container.reported = Status.RUNNING;
          }
        }
      }
      case TaskFact.Saved _ -> {
        draft.stored = draft.saving;
        draft.saving = null;
        draft.saveRetry = Retry.NONE;
      }
      case TaskFact.SaveFailed _ -> {
        draft.saving = null;
        draft.saveRetry = draft.saveRetry.failed(now, Backoff.DISK, chance);
      }
      case TaskFact.Reported _ -> reported(draft);
      case TaskFact.ReportFailed _ -> {
        draft.reporting = null;
        draft.reportRetry = draft.reportRetry.failed(now, Backoff.REPORT, chance);
      }
      case TaskFact.DeleteFailed _ -> {
        draft.deleting = false;
        draft.saveRetry = draft.saveRetry.failed(now, Backoff.DISK, chance);
      }
      case TaskFact.ImageInspected(int i, boolean present, String digest) ->
          imageInspected(draft.containers.get(i), present, digest);
      case TaskFact.Pulled(int i, String digest) -> {
        ContainerDraft container = draft.containers.get(i);
        draft.pullStoppedAt = now;
        answered(container);
        container.pullFailures = 0;
        if (container.phase == Phase.NONE) {
          container.phase = Phase.PULLED;
          container.imageDigest = digest;
        }
      }
      case TaskFact.Created(int i, String runtimeId) -> {
        ContainerDraft container = draft.containers.get(i);
        answered(container);
        container.runtimeId = runtimeId;
        if (container.phase.compareTo(Phase.CREATED) < 0) {
          container.phase = Phase.CREATED;
        }
      }
      case TaskFact.Started(int i) -> {
        ContainerDraft container = draft.containers.get(i);
        answered(container);
        if (container.phase == Phase.CREATED) {
          container.phase = Phase.RUNNING;
          container.startedAt = now;
          if (draft.sharesHostNetwork()) {
            container.bindings = hostBindings(container.plan);
          } else {
            container.inspect |= !container.plan.ports().isEmpty();
          }
        }
      }
      case TaskFact.Stopped(int i) -> {
        ContainerDraft container = draft.containers.get(i);
        answered(container);
        container.inspect = true;
      }
      case TaskFact.Met(List<@Nullable ContainerStatus> containers) -> {
        for (int i = 0; i < containers.size(); i++) {
          observed(draft, draft.containers.get(i), containers.get(i), now);
        }
      }
      case TaskFact.Observed(int i, ContainerStatus status) -> {
        ContainerDraft container = draft.containers.get(i);
        boolean late = answered(container) == Doing.INSPECTING && container.inspect;
        observed(draft, container, status, now);
        container.inspect = late && container.phase != Phase.STOPPED;
      }
      case TaskFact.Removed(int i) -> {
        ContainerDraft container = draft.containers.get(i);
        answered(container);
        container.removed = true;
      }
      case TaskFact.EngineFailed failure ->
          engineFailed(
              draft, draft.containers.get(failure.container()), failure, rules, now, chance);
      case TaskFact.MayHaveEnded(int i) -> {
        ContainerDraft container = draft.containers.get(i);
        // One that was never seen to end may yet begin: a start that was given up can come late.
        boolean neverEnded = container.exitCode == null && !container.removed;
        container.inspect |= container.phase != Phase.STOPPED || neverEnded;
      }
      case TaskFact.StreamReady(int i) -> {
        ContainerDraft container = draft.containers.get(i);
        container.stream = Stream.NOTHING;
        container.streamRetry = Retry.NONE;
        container.streamSince = null;
        container.streamReady = true;
      }
      case TaskFact.GroupMissing(int i) -> draft.containers.get(i).stream = Stream.GROUP_MISSING;
      case TaskFact.GroupReady(int i) -> draft.containers.get(i).stream = Stream.NOTHING;
      case TaskFact.StreamRefused(int i, String code, String message) ->
          streamRefused(draft.containers.get(i), code, message);
      case TaskFact.StreamUnavailable(int i, String message) -> {
        ContainerDraft container = draft.containers.get(i);
        if (container.streamSince == null) {
          container.streamSince = now;
        }
        if (container.phase.compareTo(Phase.RUNNING) < 0
            && !container.streamSince.plus(LOG_STREAM_PATIENCE).isAfter(now)) {
          streamRefused(container, "RequestError", message);
        } else {
          container.stream =
              container.stream == Stream.CREATING_GROUP ? Stream.GROUP_MISSING : Stream.NOTHING;
          container.streamRetry = container.streamRetry.failed(now, Backoff.LOGS, chance);
        }
      }
      case TaskFact.LogAccepted(int i, LogCursor cursor) -> {
        draft.containers.get(i).cursor = cursor;
        draft.containers.get(i).followRetry = Retry.NONE;
      }
      case TaskFact.LogDrained(int i) -> {
        draft.containers.get(i).drained = true;
        draft.containers.get(i).following = false;
      }
      case TaskFact.LogBroken(int i) -> {
        ContainerDraft container = draft.containers.get(i);
        container.following = false;
        container.followRetry = container.followRetry.failed(now, Backoff.ENGINE, chance);
        container.inspect = true;
      }
    }
    settle(draft, now);
    return draft.toState();
  }

  /// Draws the conclusions that need nobody's answer.
  private static void settle(TaskDraft draft, Instant now) {
    boolean again = true;
    while (again) {
      again = false;
      for (ContainerDraft container : draft.containers) {
        if ((!draft.wanted || container.condemned) && neverRan(container)) {
          container.phase = Phase.STOPPED;
        }
        if (container.phase == Phase.STOPPED && container.plan.essential()) {
          if (draft.executionStoppedAt == null) {
            draft.executionStoppedAt = container.finishedAt != null ? container.finishedAt : now;
          }
          if (draft.wanted) {
            draft.wanted = false;
            again = true;
          }
        }
      }
    }
    Phase least = Phase.STOPPED;
    for (ContainerDraft container : draft.containers) {
      if (container.phase.compareTo(least) < 0) {
        least = container.phase;
      }
    }
    if (least == Phase.RUNNING) {
      draft.ran = true;
    }
    if (least == Phase.STOPPED && draft.stoppedAt == null) {
      draft.stoppedAt = now;
      draft.wanted = false;
    }
    if (!TaskReport.unreported(draft.toState())) {
      draft.unreportedSince = null;
    } else if (draft.unreportedSince == null) {
      draft.unreportedSince = now;
    }
  }

  /// True if an unwanted container can be called stopped without asking the engine: it does not
  /// run, and nothing is under way that could make it run.
  private static boolean neverRan(ContainerDraft container) {
    return switch (container.phase) {
      case NONE, PULLED ->
          container.doubt == null
              && container.doing != Doing.CREATING
              && container.doing != Doing.FINDING;
      case CREATED ->
          !container.condemned && !container.inspect && container.doing == Doing.NOTHING;
      case RUNNING, STOPPED -> false;
    };
  }

  /// Nothing is in flight any more, and the last try was good.
  private static Doing answered(ContainerDraft container) {
    Doing doing = container.doing;
    container.doing = Doing.NOTHING;
    container.retry = Retry.NONE;
    return doing;
  }

  private static void reported(TaskDraft draft) {
    TaskReport report = draft.reporting;
    draft.reporting = null;
    draft.reportRetry = Retry.NONE;
    if (report == null) {
      return;
    }
    if (report.status().compareTo(draft.reported) > 0) {
      draft.reported = report.status();
    }
    for (TaskReport.Entry entry : report.entries()) {
      ContainerDraft container = draft.containers.get(entry.container());
      if (entry.status().compareTo(container.reported) > 0) {
        container.reported = entry.status();
      }
    }
    // What changed while the report was under way waits from its own time on.
    draft.unreportedSince = null;
  }

  private static void imageInspected(
      ContainerDraft container, boolean present, @Nullable String digest) {
    answered(container);
    if (container.phase != Phase.NONE) {
      return;
    }
    if (present) {
      container.phase = Phase.PULLED;
      container.imageDigest = digest;
    } else if (container.image == Image.NOT_PULLED) {
      container.phase = Phase.STOPPED;
    } else {
      container.image = Image.ABSENT;
    }
  }

  private static void observed(
      TaskDraft draft, ContainerDraft container, @Nullable ContainerStatus status, Instant now) {
    Doubt doubt = container.doubt;
    container.doubt = null;
    if (status == null) {
      missing(container, doubt, now);
      return;
    }
    container.runtimeId = status.id();
    if (container.phase == Phase.STOPPED && container.startedAt == null) {
      // It ran after it had been given up: what it wrote is shipped all the same.
      container.startedAt = status.startedAt();
    }
    switch (status.state()) {
      case CREATED -> {
        if (container.phase.compareTo(Phase.CREATED) < 0) {
          container.phase = Phase.CREATED;
        }
        if (container.condemned) {
          container.phase = Phase.STOPPED;
        }
      }
      case RUNNING -> {
        if (container.phase != Phase.STOPPED) {
          container.phase = Phase.RUNNING;
          container.startedAt = status.startedAt() != null ? status.startedAt() : now;
          container.bindings =
              draft.sharesHostNetwork() ? hostBindings(container.plan) : bindings(status);
        } else {
          container.stray = true;
        }
      }
      case EXITED -> {
        container.stray = false;
        if (container.phase != Phase.STOPPED) {
          exited(container, status, now);
        }
      }
    }
  }

  private static void missing(ContainerDraft container, @Nullable Doubt doubt, Instant now) {
    switch (container.phase) {
      case NONE, PULLED -> {
        if (doubt != null && !doubt.again()) {
          container.phase = Phase.STOPPED;
          container.reason = doubt.reason();
        }
      }
      case CREATED, RUNNING -> {
        container.phase = Phase.STOPPED;
        container.reason = container.condemned ? container.reason : Reasons.VANISHED;
        container.finishedAt = container.startedAt != null ? now : null;
        vanished(container);
      }
      case STOPPED -> vanished(container);
    }
  }

  /// The engine has forgotten the container, and its output with it.
  private static void vanished(ContainerDraft container) {
    container.removed = true;
    container.drained = true;
  }

  private static void exited(ContainerDraft container, ContainerStatus status, Instant now) {
    container.phase = Phase.STOPPED;
    if (container.startedAt == null || status.startedAt() != null) {
      container.startedAt = status.startedAt() != null ? status.startedAt() : now;
    }
    container.finishedAt = status.finishedAt() != null ? status.finishedAt() : now;
    container.exitCode = status.exitCode();
    if (container.bindings == null && !status.ports().isEmpty()) {
      container.bindings = bindings(status);
    }
    String error = status.error();
    if (container.condemned) {
      return;
    }
    if (status.outOfMemoryKilled()) {
      container.reason = Reasons.OUT_OF_MEMORY;
    } else if (error != null && !error.isEmpty()) {
      container.reason = Reasons.engineState(error);
    }
  }

  /// The engine's bindings without the IPv6 twins, as Amazon's agent reports them.
  private static List<PortBinding> bindings(ContainerStatus status) {
    List<PortBinding> bindings = new ArrayList<>();
    for (PublishedPort port : status.ports()) {
      if (port.hostPort() != 0 && !port.bindIp().contains(":")) {
        String bindIp = port.bindIp().isEmpty() ? "0.0.0.0" : port.bindIp();
        bindings.add(
            new PortBinding(bindIp, port.containerPort(), port.hostPort(), port.protocol()));
      }
    }
    return bindings;
  }

  /// In the host's own network nothing is published: the container's ports are the host's.
  private static List<PortBinding> hostBindings(ContainerPlan plan) {
    List<PortBinding> bindings = new ArrayList<>();
    for (PublishedPort port : plan.ports()) {
      bindings.add(
          new PortBinding("0.0.0.0", port.containerPort(), port.containerPort(), port.protocol()));
    }
    return bindings;
  }

  private static void engineFailed(
      TaskDraft draft,
      ContainerDraft container,
      TaskFact.EngineFailed failure,
      TaskRules rules,
      Instant now,
      double chance) {
    Kind kind = failure.kind();
    String message = failure.message();
    Doing doing = container.doing;
    container.doing = Doing.NOTHING;
    Retry retry = container.retry.failed(now, Backoff.ENGINE, chance);
    if (container.phase == Phase.STOPPED && doing != Doing.REMOVING && !container.stray) {
      return;
    }
    // An engine that cannot be reached says nothing about the container: it is asked again.
    boolean unreachable = kind == Kind.UNREACHABLE || kind == Kind.INTERRUPTED;
    switch (doing) {
      case NOTHING -> {}
      case INSPECTING_IMAGE -> {
        switch (kind) {
          case UNREACHABLE, INTERRUPTED, TIMEOUT -> container.retry = retry;
          // As under Amazon's agent: what cannot be looked at is not there.
          case NOT_FOUND, CONFLICT, UNAUTHORIZED, REFUSED -> imageInspected(container, false, null);
        }
      }
      case FINDING -> container.retry = retry;
      case REMOVING -> {
        container.retry = retry;
        // The engine removes nothing that runs.
        container.inspect = true;
      }
      case INSPECTING -> {
        container.retry = retry;
        container.inspect = true;
      }
      case PULLING -> {
        draft.pullStoppedAt = now;
        if (unreachable) {
          container.retry = retry;
          return;
        }
        container.pullFailures++;
        if (kind == Kind.REFUSED && container.pullFailures < PULL_ATTEMPTS) {
          container.retry =
              new Retry(
                  container.pullFailures,
                  now.plus(Backoff.PULL.delay(container.pullFailures, chance)));
          return;
        }
        pullFailed(draft, container, Reasons.pullFailed(kind, message, failure.manifest()), rules);
      }
      case CREATING -> {
        String reason = Reasons.createFailed(kind, message);
        switch (kind) {
          case TIMEOUT, CONFLICT, UNREACHABLE, INTERRUPTED -> {
            // It may have been made all the same.
            container.doubt = new Doubt(reason, unreachable);
            container.retry = unreachable ? retry : Retry.NONE;
          }
          case NOT_FOUND, UNAUTHORIZED, REFUSED -> {
            if (Reasons.imageIsGone(message) && !container.imageLost) {
              // Removed since it was pulled or looked for, by a person or a clean-up: it is pulled
              // again, once.
              container.imageLost = true;
              container.image = Image.ABSENT;
              container.imageDigest = null;
              container.phase = Phase.NONE;
            } else {
              container.phase = Phase.STOPPED;
              container.reason = reason;
            }
          }
        }
      }
      case STARTING -> {
        switch (kind) {
          case UNREACHABLE, INTERRUPTED -> {
            container.retry = retry;
            container.inspect = true;
          }
          case TIMEOUT -> {
            // It may run all the same: Amazon's agent stops it by force, too.
            container.condemned = true;
            container.reason = Reasons.startFailed(kind, message);
          }
          case CONFLICT, NOT_FOUND, UNAUTHORIZED, REFUSED -> {
            container.phase = Phase.STOPPED;
            container.reason = Reasons.startFailed(kind, message);
          }
        }
      }
      case STOPPING -> {
        container.retry = retry;
        container.inspect = true;
      }
    }
  }

  private static void pullFailed(
      TaskDraft draft, ContainerDraft container, String reason, TaskRules rules) {
    container.reason = reason;
    container.image = Image.NOT_PULLED;
    switch (rules.pullBehaviour()) {
      // An image may be there from before: it is looked for.
      case DEFAULT -> {}
      // It was looked for already.
      case PREFER_CACHED -> container.phase = Phase.STOPPED;
      // Nobody wants the old image, nor a task without it: it ends whether or not the container is
      // essential, as under Amazon's agent.
      case ALWAYS, ONCE -> {
        container.phase = Phase.STOPPED;
        draft.wanted = false;
      }
    }
  }

  private static void streamRefused(ContainerDraft container, String code, String message) {
    container.stream = Stream.NOTHING;
    switch (container.phase) {
      case NONE, PULLED, CREATED -> {
        // Settled at once, or as soon as the engine has answered what is under way.
        container.condemned = true;
        container.reason = Reasons.logStreamFailed(code, message);
      }
      // It runs or ran already; its output has nowhere to go.
      case RUNNING, STOPPED -> container.drained = true;
    }
  }
}
