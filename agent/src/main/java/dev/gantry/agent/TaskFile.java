package dev.gantry.agent;

import dev.gantry.agent.ContainerRecord.LogProgress;
import dev.gantry.api.acs.Task;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.json.MalformedInputException;
import java.io.StringWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/// One task's file: its payload as it came, without credentials, and its [TaskRecord].
///
/// The payload is kept as text within the JSON, so that a later agent reads members of it that this
/// one does not know. Members are only ever added: a missing one reads as its default.
final class TaskFile {

  /// Raised only when an older agent must not read the file.
  static final int VERSION = 1;

  private TaskFile() {}

  /// A file, read.
  record Contents(TaskPlan plan, TaskRecord record) {}

  static String write(TaskPlan plan, TaskRecord record) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JsonTree.JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeNumberProperty("version", VERSION);
      string(json, "payload", plan.payload());
      if (plan.payload() == null) {
        adopted(json, plan);
      }
      json.writeBooleanProperty("wanted", record.wanted());
      flag(json, "ran", record.ran());
      instant(json, "pullStartedAt", record.pullStartedAt());
      instant(json, "pullStoppedAt", record.pullStoppedAt());
      instant(json, "executionStoppedAt", record.executionStoppedAt());
      instant(json, "stoppedAt", record.stoppedAt());
      json.writeStringProperty("reported", record.reported().name());
      json.writeName("containers");
      json.writeStartArray();
      for (ContainerRecord container : record.containers()) {
        container(json, container);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return text.toString();
  }

  /// @param region the agent's
  /// @throws JsonTree.Corrupt if it is not such a file
  static Contents read(String text, String region) {
    JsonTree tree = JsonTree.parse(text);
    if (tree.number("version", 0) != VERSION) {
      throw new JsonTree.Corrupt("it has a version that this agent does not know");
    }
    String payload = tree.string("payload");
    TaskPlan plan = payload != null ? plan(payload, region) : adopted(tree);
    List<ContainerRecord> containers = new ArrayList<>();
    for (JsonTree container : tree.objects("containers")) {
      containers.add(container(container));
    }
    if (containers.size() != plan.containers().size()) {
      throw new JsonTree.Corrupt("its payload and its record differ in their containers");
    }
    TaskRecord record =
        new TaskRecord(
            tree.flag("wanted"),
            tree.flag("ran"),
            containers,
            tree.instant("pullStartedAt"),
            tree.instant("pullStoppedAt"),
            tree.instant("executionStoppedAt"),
            tree.instant("stoppedAt"),
            tree.choice("reported", Status.class, Status.NONE));
    return new Contents(plan, record);
  }

  private static TaskPlan plan(String payload, String region) {
    try {
      return PayloadMapping.plan(AwsJson.decode(Task.SHAPE, payload), region);
    } catch (MalformedInputException | PayloadMapping.Unreadable e) {
      throw new JsonTree.Corrupt("its payload cannot be read: " + e.getMessage());
    }
  }

  /// A task without a payload has only what its containers' labels told.
  private static void adopted(JsonGenerator json, TaskPlan plan) {
    json.writeName("adopted");
    json.writeStartObject();
    json.writeStringProperty("arn", plan.arn());
    json.writeStringProperty("cluster", plan.clusterArn());
    json.writeStringProperty("family", plan.family());
    json.writeStringProperty("taskVersion", plan.version());
    json.writeName("names");
    json.writeStartArray();
    for (ContainerPlan container : plan.containers()) {
      json.writeString(container.name());
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static TaskPlan adopted(JsonTree tree) {
    JsonTree adopted = tree.object("adopted");
    if (adopted == null) {
      throw new JsonTree.Corrupt("payload is missing");
    }
    return adoptedPlan(
        adopted.required("arn"),
        adopted.required("cluster"),
        adopted.required("family"),
        adopted.required("taskVersion"),
        adopted.strings("names"));
  }

  /// The plan of a task of which only labels are known. Every container counts as essential:
  /// whether one was not cannot be known, and a task that ends too early is noticed, unlike one
  /// that never ends.
  static TaskPlan adoptedPlan(
      String arn, String cluster, String family, String version, List<String> names) {
    List<ContainerPlan> containers = new ArrayList<>();
    for (String name : names) {
      containers.add(
          new ContainerPlan(
              name,
              "",
              null,
              null,
              List.of(),
              true,
              0,
              0,
              List.of(),
              new TreeMap<>(),
              null,
              new LogPlan.Engine("", new TreeMap<>()),
              null,
              null,
              false));
    }
    try {
      return new TaskPlan(arn, cluster, family, version, "bridge", containers, null);
    } catch (IllegalArgumentException e) {
      throw new JsonTree.Corrupt(String.valueOf(e.getMessage()));
    }
  }

  private static void container(JsonGenerator json, ContainerRecord container) {
    json.writeStartObject();
    json.writeStringProperty("engineName", container.engineName());
    json.writeStringProperty("phase", container.phase().name());
    string(json, "runtimeId", container.runtimeId());
    string(json, "imageDigest", container.imageDigest());
    instant(json, "startedAt", container.startedAt());
    instant(json, "finishedAt", container.finishedAt());
    Integer exitCode = container.exitCode();
    if (exitCode != null) {
      json.writeNumberProperty("exitCode", exitCode);
    }
    string(json, "reason", container.reason());
    List<PortBinding> bindings = container.bindings();
    if (bindings != null) {
      json.writeName("bindings");
      json.writeStartArray();
      for (PortBinding binding : bindings) {
        json.writeStartObject();
        json.writeStringProperty("bindIp", binding.bindIp());
        json.writeNumberProperty("containerPort", binding.containerPort());
        json.writeNumberProperty("hostPort", binding.hostPort());
        json.writeStringProperty("protocol", binding.protocol());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    flag(json, "condemned", container.condemned());
    json.writeStringProperty("reported", container.reported().name());
    flag(json, "streamReady", container.log().streamReady());
    LogCursor cursor = container.log().cursor();
    if (cursor != null) {
      json.writeName("cursor");
      json.writeStartObject();
      instant(json, "since", cursor.since());
      json.writeNumberProperty("lines", cursor.lines());
      json.writeNumberProperty("events", cursor.events());
      json.writeEndObject();
    }
    flag(json, "drained", container.log().drained());
    flag(json, "removed", container.removed());
    json.writeEndObject();
  }

  private static ContainerRecord container(JsonTree tree) {
    List<PortBinding> bindings = null;
    if (tree.has("bindings")) {
      bindings = new ArrayList<>();
      for (JsonTree binding : tree.objects("bindings")) {
        bindings.add(
            new PortBinding(
                binding.required("bindIp"),
                (int) binding.number("containerPort", 0),
                (int) binding.number("hostPort", 0),
                binding.required("protocol")));
      }
    }
    LogCursor cursor = null;
    JsonTree saved = tree.object("cursor");
    if (saved != null) {
      Instant since = saved.instant("since");
      if (since == null) {
        throw new JsonTree.Corrupt("cursor.since is missing");
      }
      cursor = new LogCursor(since, (int) saved.number("lines", 0), saved.number("events", 0));
    }
    return new ContainerRecord(
        tree.required("engineName"),
        tree.choice("phase", Phase.class, Phase.NONE),
        tree.string("runtimeId"),
        tree.string("imageDigest"),
        tree.instant("startedAt"),
        tree.instant("finishedAt"),
        tree.integer("exitCode"),
        tree.string("reason"),
        bindings,
        tree.flag("condemned"),
        tree.choice("reported", Status.class, Status.NONE),
        new LogProgress(tree.flag("streamReady"), cursor, tree.flag("drained")),
        tree.flag("removed"));
  }

  private static void string(JsonGenerator json, String name, @Nullable String value) {
    if (value != null) {
      json.writeStringProperty(name, value);
    }
  }

  private static void instant(JsonGenerator json, String name, @Nullable Instant value) {
    if (value != null) {
      json.writeStringProperty(name, value.toString());
    }
  }

  private static void flag(JsonGenerator json, String name, boolean value) {
    if (value) {
      json.writeBooleanProperty(name, true);
    }
  }
}
