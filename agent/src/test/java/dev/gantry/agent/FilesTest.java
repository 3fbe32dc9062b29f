package dev.gantry.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is on disk, as text.
final class FilesTest {

  private static TaskPlan plan() throws PayloadMapping.Unreadable {
    return PayloadMapping.plan(
        Tasks.task("t1", Tasks.logged("app"), Tasks.sidecar("helper")), "us-east-1");
  }

  @Test
  void aFullRecordComesBackAsItWas() throws PayloadMapping.Unreadable {
    TaskPlan plan = plan();
    TaskState task = TaskState.taken(plan, true, List.of("ecs-app", "ecs-helper"));
    Instant time = Instant.parse("2026-01-01T00:00:00.123456789Z");
    task =
        TaskTables.with(
            task,
            draft -> {
              draft.wanted = false;
              draft.ran = true;
              draft.pullStartedAt = time;
              draft.pullStoppedAt = time;
              draft.executionStoppedAt = time;
              draft.stoppedAt = time;
              draft.reported = Status.STOPPED;
              TaskDraft.ContainerDraft app = draft.containers.getFirst();
              app.phase = Phase.STOPPED;
              app.runtimeId = "c1";
              app.imageDigest = "sha256:d";
              app.startedAt = time;
              app.finishedAt = time;
              app.exitCode = 3;
              app.reason = "OutOfMemoryError: \"quoted\"\n";
              app.bindings = List.of(new PortBinding("0.0.0.0", 80, 32768, "tcp"));
              app.condemned = true;
              app.reported = Status.STOPPED;
              app.streamReady = true;
              app.cursor = new LogCursor(time, 7, 1L << 40);
              app.drained = true;
              app.removed = true;
            });
    TaskFile.Contents read = TaskFile.read(TaskFile.write(plan, task.record()), "us-east-1");
    assertThat(read.record()).isEqualTo(task.record());
    assertThat(read.plan()).isEqualTo(plan);
  }

  @Test
  void aFreshRecordComesBackAsItWas() throws PayloadMapping.Unreadable {
    TaskPlan plan = plan();
    TaskRecord record = TaskState.taken(plan, true, List.of("a", "b")).record();
    assertThat(TaskFile.read(TaskFile.write(plan, record), "us-east-1").record()).isEqualTo(record);
  }

  /// Written by the first version; it must be read for ever.
  @Test
  void aFileOfTheFirstVersionIsRead() {
    TaskFile.Contents read =
        TaskFile.read(
            """
            {"version":1,"payload":"{\\"arn\\":\\"arn:aws:ecs:us-east-1:000000000000:task/default/t1\\",\
            \\"family\\":\\"web\\",\\"version\\":\\"3\\",\\"containers\\":[{\\"name\\":\\"app\\",\
            \\"image\\":\\"app:latest\\"}]}","wanted":true,"reported":"RUNNING","containers":[\
            {"engineName":"ecs-web-3-app-00","phase":"RUNNING","runtimeId":"c1",\
            "startedAt":"2026-01-01T00:00:00Z","reported":"RUNNING","somethingLater":{"a":[1]}}]}
            """,
            "us-east-1");
    assertThat(read.plan().containers()).hasSize(1);
    assertThat(read.record().wanted()).isTrue();
    assertThat(read.record().ran()).isFalse();
    assertThat(read.record().containers().getFirst().phase()).isEqualTo(Phase.RUNNING);
    assertThat(read.record().containers().getFirst().log().cursor()).isNull();
  }

  @Test
  void anAdoptedTaskComesBackAsItWas() {
    TaskPlan plan =
        TaskFile.adoptedPlan(FakeWorld.arn("t1"), "default", "web", "3", List.of("a", "b"));
    TaskRecord record = TaskState.taken(plan, true, List.of("x", "y")).record();
    TaskFile.Contents read = TaskFile.read(TaskFile.write(plan, record), "us-east-1");
    assertThat(read.plan()).isEqualTo(plan);
    assertThat(read.record()).isEqualTo(record);
  }

  @Test
  void theInstanceFileComesBackAsItWas() {
    InstanceFile file =
        new InstanceFile(
            "default",
            "arn",
            1L << 40,
            List.of(
                new PulledImage(
                    "sha256:1",
                    List.of("docker.io/library/a:1", "r.example/a:1"),
                    List.of("r.example/a:1"),
                    true,
                    FakeWorld.START,
                    FakeWorld.START.plusSeconds(1)),
                new PulledImage(
                    "sha256:2", List.of(), List.of(), false, FakeWorld.START, FakeWorld.START)));
    assertThat(InstanceFile.read(file.write())).isEqualTo(file);
    InstanceFile fresh = new InstanceFile("default", null, -1, List.of());
    assertThat(InstanceFile.read(fresh.write())).isEqualTo(fresh);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{",
        "{}",
        "{} {}",
        "{\"version\":2}",
        "{\"version\":1}",
        "{\"version\":1,\"payload\":\"{\"}",
        "{\"version\":1,\"payload\":\"{}\"}",
        "{\"version\":1,\"payload\":3}",
        "{\"version\":1,\"adopted\":{\"arn\":\"a\",\"cluster\":\"c\",\"family\":\"f\",\"taskVersion\":\"1\",\"names\":[]}}",
        "{\"version\":1,\"adopted\":{\"arn\":\"a\",\"cluster\":\"c\",\"family\":\"f\",\"taskVersion\":\"1\",\"names\":[\"x\"]}}",
        "{\"version\":1,\"adopted\":{\"arn\":\"a\",\"cluster\":\"c\",\"family\":\"f\",\"taskVersion\":\"1\",\"names\":[\"x\"]},\"containers\":[{\"engineName\":\"e\",\"phase\":\"SLEEPING\"}]}",
        "{\"version\":1,\"adopted\":{\"arn\":\"a\",\"cluster\":\"c\",\"family\":\"f\",\"taskVersion\":\"1\",\"names\":[\"x\"]},\"containers\":[{\"engineName\":\"e\",\"startedAt\":\"yesterday\"}]}",
        "{\"version\":1,\"adopted\":{\"arn\":\"a\",\"cluster\":\"c\",\"family\":\"f\",\"taskVersion\":\"1\",\"names\":[\"x\"]},\"containers\":[{\"engineName\":\"e\",\"exitCode\":99999999999}]}"
      })
  void whatIsNoFileOfOursIsSaidToBeCorrupt(String text) {
    assertThatThrownBy(() -> TaskFile.read(text, "us-east-1")).isInstanceOf(JsonTree.Corrupt.class);
    assertThatThrownBy(() -> InstanceFile.read(text)).isInstanceOf(JsonTree.Corrupt.class);
  }

  @Test
  void deeplyNestedTextIsCorruptNotAnOverflow() {
    assertThatThrownBy(() -> JsonTree.parse("{\"a\":" + "[".repeat(10_000)))
        .isInstanceOf(JsonTree.Corrupt.class);
  }
}
