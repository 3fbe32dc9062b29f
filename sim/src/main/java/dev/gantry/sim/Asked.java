package dev.gantry.sim;

import dev.gantry.api.ecs.DeleteClusterRequest;
import dev.gantry.api.ecs.DeregisterContainerInstanceRequest;
import dev.gantry.api.ecs.RegisterTaskDefinitionResponse;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.RunTaskResponse;
import dev.gantry.api.ecs.StartTaskRequest;
import dev.gantry.api.ecs.StartTaskResponse;
import dev.gantry.api.ecs.StopTaskRequest;
import dev.gantry.api.ecs.SubmitTaskStateChangeRequest;
import dev.gantry.api.ecs.TagResourceRequest;
import dev.gantry.api.ecs.Task;
import dev.gantry.api.ecs.UntagResourceRequest;
import dev.gantry.api.ecs.UpdateContainerInstancesStateRequest;
import dev.gantry.api.ecs.UpdateContainerInstancesStateResponse;
import dev.gantry.model.Tag;
import dev.gantry.model.TaskDefinition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What calls asked for, where several of them, from several callers, may ask for different values
/// of one thing: tags, and whether an instance is ACTIVE or DRAINING.
///
/// Calls are numbered as they arrive, repetitions by the network included, and the writer decides
/// them in that order. So once a caller was told that its call is done, there stands what it asked
/// for, or what a call asked for that arrived after it; and never what was asked for before.
final class Asked {
  /// The key of an instance's status beside those of its tags; no tag's key is empty.
  static final String STATUS = "";

  private static final String STOPPED = "STOPPED";

  /// The number of what a thing began with: before every call about it.
  private static final long FIRST = 1;

  /// @param value what is to stand there; null for nothing
  private record Wish(long number, @Nullable String value) {}

  private static final class Wishes {
    private final Deque<Wish> wishes = new ArrayDeque<>();
    private long told;

    void done(long number) {
      told = Math.max(told, number);
      wishes.removeIf(wish -> wish.number() < told);
    }
  }

  private static final class Thing {
    private final Map<String, Wishes> keys = new TreeMap<>();
    private boolean begun;
    private long end;
    private long toldEnd;

    Wishes of(String key) {
      return keys.computeIfAbsent(key, _ -> new Wishes());
    }
  }

  /// How the tags of new tasks are made.
  private record Launch(
      @Nullable List<dev.gantry.api.ecs.Tag> tags,
      @Nullable String propagate,
      @Nullable Boolean managed) {}

  private final Map<String, Thing> things = new TreeMap<>();
  private final Map<String, Launch> launches = new TreeMap<>();
  private final Set<String> ends = new TreeSet<>();
  private long numbers = FIRST;

  // ---- what arrives
  // -------------------------------------------------------------------------------

  /// A call has arrived.
  ///
  /// @return its number
  long arrived(Object input) {
    long number = ++numbers;
    switch (input) {
      case TagResourceRequest call -> {
        for (var tag : orEmpty(call.tags())) {
          wish(call.resourceArn(), String.valueOf(tag.key()), number, tag.value());
        }
      }
      case UntagResourceRequest call ->
          orEmpty(call.tagKeys()).forEach(key -> wish(call.resourceArn(), key, number, null));
      case UpdateContainerInstancesStateRequest call ->
          orEmpty(call.containerInstances())
              .forEach(arn -> wish(arn, STATUS, number, call.status()));
      case StopTaskRequest call -> end(call.task(), number);
      case DeregisterContainerInstanceRequest call -> end(call.containerInstance(), number);
      case DeleteClusterRequest call -> end(call.cluster(), number);
      case SubmitTaskStateChangeRequest report
          when STOPPED.equals(report.status())
              || orEmpty(report.containers()).stream().anyMatch(c -> STOPPED.equals(c.status())) ->
          ends.add(String.valueOf(report.task()));
      case RunTaskRequest call ->
          launches.put(
              String.valueOf(call.startedBy()),
              new Launch(call.tags(), call.propagateTags(), call.enableECSManagedTags()));
      case StartTaskRequest call ->
          launches.put(
              String.valueOf(call.startedBy()),
              new Launch(call.tags(), call.propagateTags(), call.enableECSManagedTags()));
      default -> {}
    }
    return number;
  }

  private void wish(@Nullable String arn, String key, long number, @Nullable String value) {
    thing(arn).of(key).wishes.addLast(new Wish(number, value));
  }

  /// Its tags may go from now on, and whatever belongs to it.
  private void end(@Nullable String arn, long number) {
    thing(arn).end = number;
    ends.add(String.valueOf(arn));
  }

  private Thing thing(@Nullable String arn) {
    return things.computeIfAbsent(String.valueOf(arn), _ -> new Thing());
  }

  // ---- what callers are told
  // ----------------------------------------------------------------------

  /// A caller is told that its call was done.
  ///
  /// @return the ARNs of what it was about
  List<String> told(long number, Object input, Object output) {
    List<String> about = new ArrayList<>();
    switch (input) {
      case TagResourceRequest call -> {
        for (var tag : orEmpty(call.tags())) {
          thing(call.resourceArn()).of(String.valueOf(tag.key())).done(number);
        }
        about.add(String.valueOf(call.resourceArn()));
      }
      case UntagResourceRequest call -> {
        orEmpty(call.tagKeys()).forEach(key -> thing(call.resourceArn()).of(key).done(number));
        about.add(String.valueOf(call.resourceArn()));
      }
      case DeregisterContainerInstanceRequest call ->
          about.add(ended(call.containerInstance(), number));
      case DeleteClusterRequest call -> about.add(ended(call.cluster(), number));
      default -> {}
    }
    switch (output) {
      case UpdateContainerInstancesStateResponse response -> {
        for (var instance : orEmpty(response.containerInstances())) {
          String arn = String.valueOf(instance.containerInstanceArn());
          thing(arn).of(STATUS).done(number);
          about.add(arn);
        }
      }
      case RunTaskResponse response -> orEmpty(response.tasks()).forEach(this::begun);
      case StartTaskResponse response -> orEmpty(response.tasks()).forEach(this::begun);
      case RegisterTaskDefinitionResponse response ->
          begun(
              response.taskDefinition() == null
                  ? null
                  : response.taskDefinition().taskDefinitionArn(),
              response.tags());
      default -> {}
    }
    return about;
  }

  private String ended(@Nullable String arn, long number) {
    Thing thing = thing(arn);
    thing.toldEnd = Math.max(thing.toldEnd, number);
    return String.valueOf(arn);
  }

  private void begun(Task task) {
    begun(task.taskArn(), task.tags());
  }

  /// The tags it began with are told; again if a call is repeated, when they may have changed
  /// since.
  private void begun(@Nullable String arn, @Nullable List<dev.gantry.api.ecs.Tag> tags) {
    Thing thing = thing(arn);
    if (!thing.begun) {
      thing.begun = true;
      for (var tag : orEmpty(tags)) {
        Wishes wishes = thing.of(String.valueOf(tag.key()));
        wishes.wishes.addFirst(new Wish(FIRST, tag.value()));
        wishes.done(FIRST);
      }
    }
  }

  // ---- what follows
  // -------------------------------------------------------------------------------

  /// Whether somebody asked for the end of this task or instance, or reported one of the task.
  boolean mayEnd(String arn) {
    return ends.contains(arn);
  }

  /// Whether a call asked for this, and none that is known to be done came after it.
  ///
  /// @param value null if nothing stands there any more
  boolean explains(String arn, String key, @Nullable String value) {
    Thing thing = thing(arn);
    Wishes wishes = thing.keys.get(key);
    long told = Math.max(thing.toldEnd, wishes == null ? 0 : wishes.told);
    if (value == null && thing.end > 0 && thing.end >= told) {
      return true;
    }
    if (wishes != null) {
      for (Wish wish : wishes.wishes) {
        if (wish.number() >= told && Objects.equals(wish.value(), value)) {
          return true;
        }
      }
    }
    return false;
  }

  /// What stands under a key where something else was told, or null if everything is as it was
  /// told.
  @Nullable String difference(String arn, Map<String, String> stands) {
    Thing thing = things.get(arn);
    if (thing == null) {
      return null;
    }
    for (Map.Entry<String, Wishes> entry : thing.keys.entrySet()) {
      String key = entry.getKey();
      if (key.equals(STATUS) && !stands.containsKey(STATUS)) {
        // Of an instance that is over, or where nothing was said of it.
        continue;
      }
      String value = stands.get(key);
      boolean told = entry.getValue().told > 0 || thing.toldEnd > 0;
      if (told && !explains(arn, key, value)) {
        return "\""
            + key
            + "\" of "
            + arn
            + " is "
            + value
            + ", told was "
            + entry.getValue().wishes;
      }
    }
    return null;
  }

  /// The ARNs of everything that somebody was told of.
  List<String> known() {
    return List.copyOf(things.keySet());
  }

  /// The tags that a task begins with, or null if nobody asked for it.
  @Nullable Map<String, String> beginsWith(
      @Nullable String startedBy, TaskDefinition definition, String cluster) {
    Launch launch = launches.get(String.valueOf(startedBy));
    if (launch == null) {
      return null;
    }
    Map<String, String> tags = new TreeMap<>();
    if ("TASK_DEFINITION".equals(launch.propagate())) {
      tags.putAll(map(definition.tags()));
    }
    for (var tag : orEmpty(launch.tags())) {
      tags.put(String.valueOf(tag.key()), String.valueOf(tag.value()));
    }
    if (Boolean.TRUE.equals(launch.managed())) {
      tags.put("aws:ecs:clusterName", cluster);
    }
    return tags;
  }

  /// Tags by key.
  static Map<String, String> map(List<Tag> tags) {
    Map<String, String> map = new TreeMap<>();
    tags.forEach(tag -> map.put(tag.key(), tag.value()));
    return map;
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}
