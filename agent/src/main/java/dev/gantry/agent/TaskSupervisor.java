package dev.gantry.agent;

import dev.gantry.agent.AgentEffect.CreateContainer;
import dev.gantry.agent.AgentEffect.DeleteTask;
import dev.gantry.agent.AgentEffect.InspectContainer;
import dev.gantry.agent.AgentEffect.InspectImage;
import dev.gantry.agent.AgentEffect.ListContainers;
import dev.gantry.agent.AgentEffect.Note;
import dev.gantry.agent.AgentEffect.PullImage;
import dev.gantry.agent.AgentEffect.RemoveContainer;
import dev.gantry.agent.AgentEffect.SaveTask;
import dev.gantry.agent.AgentEffect.StartContainer;
import dev.gantry.agent.AgentEffect.StopContainer;
import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.ImageInfo;
import dev.gantry.agent.ContainerRuntime.Pulled;
import dev.gantry.agent.Kernel.Outcome;
import dev.gantry.agent.LogDesk.Destination;
import dev.gantry.agent.TaskActivity.Doing;
import dev.gantry.wire.shape.Unit;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// Owns all tasks of this agent: the one place where a [TaskState] is replaced.
///
/// Each event becomes a fact about one task; [TaskTransitions] draws the conclusions and
/// [TaskStepper] names the actions, one after the other, until there is nothing to do but wait.
/// This class only carries them out.
final class TaskSupervisor implements ImageDesk.Users {

  /// More tasks than this are not taken.
  static final int MAX_TASKS = 5_000;

  /// How long a task is remembered after it was cleaned up: longer than a message can be on its
  /// way. A socket that is silent for so long was given up before.
  static final Duration REMEMBERED = Duration.ofMinutes(10);

  private final Kernel kernel;
  private final AgentSettings settings;
  private final TaskRules rules;
  private final ReportDesk reports;
  private final LogDesk logs;
  private final ImageDesk images;

  private final Map<String, TaskState> tasks = new LinkedHashMap<>();
  private final Map<String, List<Runnable>> awaitingStorage = new LinkedHashMap<>();
  private final Map<String, String> taskOfContainer = new LinkedHashMap<>();
  private final Runnable enterableChanged;
  private int enterable;

  /// Tasks that were cleaned up, and when, oldest first. A payload that was sent before the control
  /// plane knew of a task's end may arrive after that: the task must not begin again. In memory
  /// alone, since what was sent to another process never arrives here.
  private final Map<String, Instant> over = new LinkedHashMap<>();

  /// @param enterableChanged is called when [#enterable()] changed
  TaskSupervisor(
      Kernel kernel,
      AgentSettings settings,
      ReportDesk reports,
      LogDesk logs,
      ImageDesk images,
      Runnable enterableChanged) {
    this.kernel = kernel;
    this.settings = settings;
    this.rules =
        new TaskRules(
            settings.pullBehaviour(),
            settings.stopTimeout(),
            settings.cleanupWait(),
            images::hasPulled,
            images::isBeingRemoved);
    this.reports = reports;
    this.logs = logs;
    this.images = images;
    this.enterableChanged = enterableChanged;
  }

  // ---- what the control plane wants -------------------------------------------------------------

  /// True if the task is known.
  boolean knows(String arn) {
    return tasks.containsKey(arn);
  }

  /// True if the task ended and was cleaned up lately.
  boolean isOver(String arn) {
    return over.containsKey(arn);
  }

  /// How many tasks are held.
  int size() {
    return tasks.size();
  }

  /// How many tasks have not ended in whose containers commands may be run.
  int enterable() {
    return enterable;
  }

  /// The engine's id of the container that Amazon's clients name so, `ecs:<cluster>_<task>_<id>`;
  /// null unless commands may be run in it, and it runs.
  @Nullable String enterable(String target) {
    String id = target.substring(target.lastIndexOf('_') + 1);
    String arn = taskOfContainer.get(id);
    TaskState task = arn == null ? null : tasks.get(arn);
    if (task == null
        || !target.equals(
            "ecs:" + settings.clusterName() + "_" + task.plan().taskId() + "_" + id)) {
      return null;
    }
    for (int i = 0; i < task.size(); i++) {
      if (id.equals(task.record(i).runtimeId())) {
        return task.plan(i).execEnabled() && task.record(i).phase() == Phase.RUNNING ? id : null;
      }
    }
    return null;
  }

  private void put(String arn, TaskState task) {
    TaskState before = tasks.put(arn, task);
    count(before, task);
  }

  private void count(@Nullable TaskState before, @Nullable TaskState after) {
    int difference = weight(after) - weight(before);
    if (difference != 0) {
      enterable += difference;
      enterableChanged.run();
    }
  }

  private static int weight(@Nullable TaskState task) {
    return task != null && task.plan().execEnabled() && !task.record().stopped() ? 1 : 0;
  }

  /// Every task, in the order it was taken.
  List<TaskState> all() {
    return new ArrayList<>(tasks.values());
  }

  /// Takes a new task; it begins at once.
  void take(TaskPlan plan) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < plan.containers().size(); i++) {
      names.add(ContainerSpecs.engineName(plan, plan.containers().get(i), kernel));
    }
    put(plan.arn(), TaskState.taken(plan, true, names));
    progress(plan.arn());
  }

  /// Stops a known task.
  void stop(String arn) {
    learn(arn, new TaskFact.StopWanted());
  }

  /// Runs `then` once what is wanted of the task now is on disk; at once if it is.
  void whenStored(String arn, Runnable then) {
    TaskState task = tasks.get(arn);
    if (task == null || stored(task)) {
      then.run();
    } else {
      awaitingStorage.computeIfAbsent(arn, _ -> new ArrayList<>()).add(then);
    }
  }

  private static boolean stored(TaskState task) {
    TaskRecord stored = task.activity().stored();
    return stored != null && stored.wanted() == task.record().wanted();
  }

  // ---- restart ----------------------------------------------------------------------------------

  /// Takes up everything where it stood: `saved` from disk, by ARN, and the engine's containers.
  ///
  /// A container of ours that belongs to no saved task is adopted as a task known by its labels
  /// alone: its file was lost, and neither forgetting it (it would run for ever) nor removing it
  /// (it may be somebody's work) is right. It runs on, its end is reported, and the manifest of the
  /// next connection says whether it is wanted.
  void restore(Map<String, TaskFile.Contents> saved, List<ContainerStatus> containers) {
    Map<String, List<ContainerStatus>> found = new LinkedHashMap<>();
    for (ContainerStatus container : containers) {
      String arn = container.labels().get(Labels.TASK_ARN);
      if (arn != null && ours(arn)) {
        found.computeIfAbsent(arn, _ -> new ArrayList<>()).add(container);
      }
    }
    saved.forEach((arn, contents) -> {
      TaskState task = TaskState.loaded(contents.plan(), contents.record());
      put(arn, task);
      for (ContainerRecord container : task.record().containers()) {
        String id = container.runtimeId();
        if (id != null) {
          taskOfContainer.put(id, arn);
        }
      }
      meet(arn, found.getOrDefault(arn, List.of()));
    });
    found.forEach((arn, orphans) -> {
      if (!tasks.containsKey(arn) && adopt(arn, orphans)) {
        meet(arn, orphans);
      }
    });
    for (String arn : new ArrayList<>(tasks.keySet())) {
      progress(arn);
    }
  }

  /// Another region's agent may share the installation and the cluster's name.
  private boolean ours(String arn) {
    String[] parts = arn.split(":", 6);
    return parts.length == 6 && parts[3].equals(settings.region());
  }

  private boolean adopt(String arn, List<ContainerStatus> orphans) {
    List<String> names = new ArrayList<>();
    List<String> engineNames = new ArrayList<>();
    for (ContainerStatus container : orphans) {
      String name = container.labels().get(Labels.CONTAINER_NAME);
      if (name != null && !names.contains(name)) {
        names.add(name);
        engineNames.add(container.name());
      }
    }
    SortedMap<String, String> labels = orphans.getFirst().labels();
    try {
      TaskPlan plan =
          TaskFile.adoptedPlan(
              arn,
              settings.cluster(),
              labels.getOrDefault(Labels.FAMILY, ""),
              labels.getOrDefault(Labels.VERSION, ""),
              names);
      put(arn, TaskState.taken(plan, true, engineNames));
      kernel.note(
          Note.Level.WARNING,
          "task "
              + arn
              + " has containers but no file: adopted by its labels; its output is not shipped");
      return true;
    } catch (JsonTree.Corrupt e) {
      kernel.note(Note.Level.ERROR, "containers of task " + arn + " are left alone: " + e.text());
      return false;
    }
  }

  private void meet(String arn, List<ContainerStatus> containers) {
    TaskState task = task(arn);
    boolean adopted = task.plan().payload() == null;
    boolean unborn = false;
    List<@Nullable ContainerStatus> met = new ArrayList<>();
    for (int i = 0; i < task.size(); i++) {
      ContainerStatus status = match(task, i, containers);
      met.add(status);
      unborn |= status != null && status.state() == ContainerStatus.State.CREATED;
    }
    conclude(arn, new TaskFact.Met(met));
    if (adopted && unborn) {
      // Nobody knows what it was to be: it is not started.
      conclude(arn, new TaskFact.StopWanted());
    }
  }

  private static @Nullable ContainerStatus match(
      TaskState task, int container, List<ContainerStatus> containers) {
    String id = task.record(container).runtimeId();
    String name = task.plan(container).name();
    ContainerStatus byName = null;
    for (ContainerStatus status : containers) {
      if (status.id().equals(id)) {
        return status;
      }
      if (name.equals(status.labels().get(Labels.CONTAINER_NAME))) {
        byName = status;
      }
    }
    return byName;
  }

  // ---- what the engine tells by itself ----------------------------------------------------------

  void died(String containerId) {
    lookAgain(containerId, (_, _) -> true);
  }

  /// A start that failed, as far as its caller was told, may have come about all the same: an
  /// engine that was killed in the middle of one refuses to repeat it, and hears of it later. So
  /// may one that an agent asked for which is dead by now: before this one asks, too, it looks. Any
  /// other start is no news.
  void began(String containerId) {
    lookAgain(
        containerId,
        (task, i) ->
            switch (task.record(i).phase()) {
              case NONE, PULLED, RUNNING -> false;
              case CREATED -> task.activity(i).doing() != Doing.STARTING;
              case STOPPED -> true;
            });
  }

  /// Deaths may have gone untold, and a start that was given up may have come late: every container
  /// that was not seen to end is looked at.
  void gap() {
    for (String arn : new ArrayList<>(tasks.keySet())) {
      lookAtAll(arn, (_, _) -> true);
    }
  }

  /// Says which of a task's containers are meant.
  private interface Which {
    boolean means(TaskState task, int container);
  }

  private void lookAgain(String containerId, Which which) {
    String arn = taskOfContainer.get(containerId);
    if (arn != null) {
      lookAtAll(
          arn, (task, i) -> containerId.equals(task.record(i).runtimeId()) && which.means(task, i));
    }
  }

  /// Looks at those of a task's containers that were made and are meant.
  private void lookAtAll(String arn, Which which) {
    TaskState task = tasks.get(arn);
    if (task == null) {
      return;
    }
    for (int i = 0; i < task.size(); i++) {
      if (task.record(i).runtimeId() != null && which.means(task, i)) {
        conclude(arn, new TaskFact.MayHaveEnded(i));
      }
    }
    progress(arn);
  }

  // ---- one task ---------------------------------------------------------------------------------

  private TaskState task(String arn) {
    TaskState task = tasks.get(arn);
    if (task == null) {
      throw new IllegalStateException("no task " + arn);
    }
    return task;
  }

  private void learn(String arn, TaskFact fact) {
    if (tasks.containsKey(arn)) {
      conclude(arn, fact);
      progress(arn);
    }
  }

  private void conclude(String arn, TaskFact fact) {
    TaskState before = task(arn);
    TaskState after = TaskTransitions.learn(before, fact, rules, kernel.now(), kernel.chance());
    put(arn, after);
    for (int i = 0; i < after.size(); i++) {
      String id = after.record(i).runtimeId();
      if (id != null && !id.equals(before.record(i).runtimeId())) {
        taskOfContainer.put(id, arn);
      }
    }
    if (stored(after)) {
      List<Runnable> waiting = awaitingStorage.remove(arn);
      if (waiting != null) {
        waiting.forEach(Runnable::run);
      }
    }
  }

  /// Steps until there is nothing to do but wait.
  private void progress(String arn) {
    while (tasks.containsKey(arn)) {
      TaskState task = task(arn);
      TaskAction action = TaskStepper.step(task, rules, kernel.now());
      if (action instanceof TaskAction.Wait(Instant until)) {
        if (until == null) {
          kernel.timers.cancel(timer(arn));
        } else {
          kernel.timers.set(timer(arn), until, () -> progress(arn));
        }
        return;
      }
      put(arn, TaskTransitions.begin(task, action, kernel.now()));
      carryOut(arn, task, action);
    }
  }

  private static String timer(String arn) {
    return "task." + arn;
  }

  private void carryOut(String arn, TaskState task, TaskAction action) {
    String file = task.plan().taskId();
    switch (action) {
      case TaskAction.Wait _ -> {}
      case TaskAction.Save _ ->
          kernel.request(
              id -> new SaveTask(id, file, TaskFile.write(task.plan(), task.record())),
              answer ->
                  learn(
                      arn,
                      disk(answer, "task " + arn + " cannot be saved")
                          ? new TaskFact.Saved()
                          : new TaskFact.SaveFailed()));
      case TaskAction.Delete _ ->
          kernel.request(
              id -> new DeleteTask(id, file),
              answer -> {
                if (disk(answer, "the file of task " + arn + " cannot be deleted")) {
                  forget(arn);
                } else {
                  learn(arn, new TaskFact.DeleteFailed());
                }
              });
      case TaskAction.Submit(TaskReport report) ->
          reports.submit(
              ReportMapping.request(settings.cluster(), task.plan(), report),
              result ->
                  learn(
                      arn,
                      switch (result) {
                        case ACCEPTED, DROPPED -> new TaskFact.Reported();
                        case FAILED -> new TaskFact.ReportFailed();
                      }));
      case TaskAction.InspectImage(int i) ->
          engine(
              arn,
              i,
              id -> new InspectImage(id, task.plan(i).image()),
              answer -> {
                ImageInfo image = ((AgentEvent.ImageInspected) answer).image();
                return new TaskFact.ImageInspected(
                    i, image != null, image == null ? null : image.digest());
              });
      case TaskAction.PullImage(int i) ->
          engine(
              arn,
              i,
              id -> new PullImage(id, task.plan(i).image()),
              answer -> {
                Pulled pulled = ((AgentEvent.ImagePulled) answer).pulled();
                images.pulled(task.plan(i).image(), pulled);
                return new TaskFact.Pulled(i, pulled.image().digest());
              });
      case TaskAction.Create(int i) ->
          engine(
              arn,
              i,
              id -> new CreateContainer(id, ContainerSpecs.spec(task, i, settings)),
              answer ->
                  new TaskFact.Created(i, ((AgentEvent.ContainerCreated) answer).containerId()));
      case TaskAction.Find(int i) ->
          engine(
              arn,
              i,
              id -> new ListContainers(id, Labels.of(settings, task.plan(), task.plan(i).name())),
              answer -> {
                List<ContainerStatus> found = ((AgentEvent.ContainersListed) answer).containers();
                return new TaskFact.Observed(i, found.isEmpty() ? null : found.getFirst());
              });
      case TaskAction.Start(int i) ->
          engine(
              arn,
              i,
              id -> new StartContainer(id, runtimeId(task, i)),
              _ -> new TaskFact.Started(i));
      case TaskAction.Stop(int i, Duration grace) ->
          engine(
              arn,
              i,
              id -> new StopContainer(id, runtimeId(task, i), grace),
              _ -> new TaskFact.Stopped(i));
      case TaskAction.Inspect(int i) ->
          engine(
              arn,
              i,
              id -> new InspectContainer(id, runtimeId(task, i)),
              answer ->
                  new TaskFact.Observed(i, ((AgentEvent.ContainerInspected) answer).status()));
      case TaskAction.Remove(int i) ->
          engine(
              arn,
              i,
              id -> new RemoveContainer(id, runtimeId(task, i)),
              _ -> new TaskFact.Removed(i));
      case TaskAction.CreateLogStream(int i) ->
          logs.createStream(
              destination(task, i), outcome -> learn(arn, streamMade(task, i, outcome)));
      case TaskAction.CreateLogGroup(int i) ->
          logs.createGroup(destination(task, i), outcome -> learn(arn, groupMade(i, outcome)));
      case TaskAction.Follow(int i) -> follow(arn, task, i);
    }
  }

  /// Sends an engine request; the answer, or the engine's failure, becomes a fact.
  private void engine(
      String arn,
      int container,
      LongFunction<AgentEffect.Request> make,
      Function<AgentEvent, TaskFact> fact) {
    kernel.request(
        make,
        answer -> {
          if (answer instanceof AgentEvent.EngineFailed failure) {
            learn(
                arn,
                new TaskFact.EngineFailed(
                    container, failure.kind(), failure.message(), failure.manifest()));
          } else {
            learn(arn, fact.apply(answer));
          }
        });
  }

  private boolean disk(AgentEvent answer, String what) {
    if (answer instanceof AgentEvent.DiskFailed failure) {
      kernel.note(Note.Level.ERROR, what + ": " + failure.message());
      return false;
    }
    return true;
  }

  private static String runtimeId(TaskState task, int container) {
    String id = task.record(container).runtimeId();
    if (id == null) {
      throw new IllegalStateException(
          "container " + container + " of " + task.plan().arn() + " was never created");
    }
    return id;
  }

  private void forget(String arn) {
    TaskState task = task(arn);
    tasks.remove(arn);
    count(task, null);
    Instant aWhileAgo = kernel.now().minus(REMEMBERED);
    over.values().removeIf(at -> at.isBefore(aWhileAgo));
    if (over.size() == MAX_TASKS) {
      over.remove(over.keySet().iterator().next());
    }
    over.put(arn, kernel.now());
    kernel.timers.cancel(timer(arn));
    for (int i = 0; i < task.size(); i++) {
      String id = task.record(i).runtimeId();
      if (id != null) {
        taskOfContainer.remove(id);
      }
      images.released(task.plan(i).image());
    }
  }

  // ---- images -----------------------------------------------------------------------------------

  @Override
  public Set<String> imagesNamed() {
    Set<String> names = new LinkedHashSet<>();
    for (TaskState task : tasks.values()) {
      for (ContainerPlan container : task.plan().containers()) {
        names.add(ImageReference.canonical(container.image()));
      }
    }
    return names;
  }

  @Override
  public boolean anyUnborn() {
    return tasks.values().stream().anyMatch(TaskState::unborn);
  }

  @Override
  public void imagesSettled() {
    for (TaskState task : all()) {
      if (task.unborn()) {
        progress(task.plan().arn());
      }
    }
  }

  // ---- output -----------------------------------------------------------------------------------

  private static LogPlan.Shipped shipped(TaskState task, int container) {
    return switch (task.plan(container).log()) {
      case LogPlan.Shipped shipped -> shipped;
      case LogPlan.Engine _ ->
          throw new IllegalStateException("the output of this container is not shipped");
    };
  }

  private static Destination destination(TaskState task, int container) {
    LogPlan.Shipped plan = shipped(task, container);
    String stream = task.logStream(container);
    if (stream == null) {
      throw new IllegalStateException("the log stream has no name yet");
    }
    // A container counts its own events, and keeps its name over restarts of the agent.
    return new Destination(
        plan.group(),
        plan.region(),
        stream,
        ContainerSpecs.uniquePart(task.record(container).engineName()));
  }

  private TaskFact streamMade(TaskState task, int i, Outcome<Unit> outcome) {
    return switch (outcome) {
      case Outcome.Done<Unit> _ -> new TaskFact.StreamReady(i);
      case Outcome.Refused<Unit> refused when refused.transientError() ->
          new TaskFact.StreamUnavailable(i, refused.message());
      case Outcome.Refused<Unit> refused -> {
        boolean missing = refused.code().equals("ResourceNotFoundException");
        yield missing && shipped(task, i).createGroup()
            ? new TaskFact.GroupMissing(i)
            : new TaskFact.StreamRefused(i, refused.code(), refused.message());
      }
      case Outcome.Lost<Unit>(String message) -> new TaskFact.StreamUnavailable(i, message);
    };
  }

  private static TaskFact groupMade(int i, Outcome<Unit> outcome) {
    return switch (outcome) {
      case Outcome.Done<Unit> _ -> new TaskFact.GroupReady(i);
      case Outcome.Refused<Unit> refused when refused.transientError() ->
          new TaskFact.StreamUnavailable(i, refused.message());
      case Outcome.Refused<Unit> refused ->
          new TaskFact.StreamRefused(i, refused.code(), refused.message());
      case Outcome.Lost<Unit>(String message) -> new TaskFact.StreamUnavailable(i, message);
    };
  }

  private void follow(String arn, TaskState task, int i) {
    logs.follow(
        destination(task, i),
        runtimeId(task, i),
        shipped(task, i).eventStart(),
        task.record(i).log().cursor(),
        new LogDesk.Listener() {
          @Override
          public void accepted(LogCursor cursor) {
            learn(arn, new TaskFact.LogAccepted(i, cursor));
          }

          @Override
          public void drained() {
            learn(arn, new TaskFact.LogDrained(i));
          }

          @Override
          public void broken() {
            learn(arn, new TaskFact.LogBroken(i));
          }
        });
  }
}
