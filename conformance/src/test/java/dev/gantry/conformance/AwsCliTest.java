package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// What a person with the AWS CLI does and sees, with either major version of it. Each call costs a
/// second, so that details are left to [SdkTaskTest].
@Tag("docker")
@ExtendWith(SharedGantry.class)
@ParameterizedClass(name = "{0}")
@EnumSource(AwsCli.Major.class)
class AwsCliTest {
  /// Some seconds of the task's output, over several updates of whoever follows it.
  private static final int LINES_FOLLOWED = 25;

  private final AwsCli.Major major;
  private final AwsCli aws;

  AwsCliTest(AwsCli.Major major, GantryProcess gantry) throws IOException, InterruptedException {
    AwsCli.Installed installed = major.find();
    assumeTrue(
        installed != null,
        "there is no AWS CLI " + major + " here: neither on PATH nor got by gantry test");
    this.major = major;
    this.aws = AwsCli.of(Objects.requireNonNull(installed), gantry);
  }

  @Test
  void aTaskFromRegistrationToItsLogs(@TempDir Path directory) throws Exception {
    String family = "cli-" + UUID.randomUUID();
    assertThat(
            aws.call(
                "ecs",
                "create-cluster",
                "--cluster-name",
                family,
                "--query",
                "cluster.status",
                "--output",
                "text"))
        .isEqualTo("ACTIVE");
    aws.call("logs", "create-log-group", "--log-group-name", family);
    Path file = directory.resolve("taskdef.json");
    Files.writeString(
        file,
        """
        {
          "family": "%s",
          "containerDefinitions": [
            {
              "name": "app",
              "image": "%s",
              "memory": 16,
              "command": ["sh", "-c", "trap 'echo bye; exit 0' TERM; echo hello from %s; while true; do sleep 0.1; done"],
              "logConfiguration": {
                "logDriver": "awslogs",
                "options": {"awslogs-group": "%s", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "cli"}
              }
            }
          ]
        }
        """
            .formatted(family, Engine.IMAGE, family, family));
    assertThat(
            aws.call(
                "ecs",
                "register-task-definition",
                "--cli-input-json",
                "file://" + file,
                "--query",
                "taskDefinition.taskDefinitionArn",
                "--output",
                "text"))
        .endsWith(":task-definition/" + family + ":1");
    String task =
        aws.call(
            "ecs",
            "run-task",
            "--task-definition",
            family,
            "--query",
            "tasks[0].taskArn",
            "--output",
            "text");
    aws.call("ecs", "wait", "tasks-running", "--tasks", task);
    assertThat(
            aws.call(
                "ecs",
                "list-tasks",
                "--family",
                family,
                "--query",
                "taskArns[0]",
                "--output",
                "text"))
        .isEqualTo(task);
    Eventually.see(
        "its first line",
        () ->
            aws.call(
                "logs",
                "get-log-events",
                "--log-group-name",
                family,
                "--log-stream-name",
                "cli/app/" + task.substring(task.lastIndexOf('/') + 1),
                "--query",
                "events[].message",
                "--output",
                "text"),
        text -> text.equals("hello from " + family));
    assertThat(
            aws.call(
                "ecs",
                "stop-task",
                "--task",
                task,
                "--reason",
                "seen enough",
                "--query",
                "task.desiredStatus",
                "--output",
                "text"))
        .isEqualTo("STOPPED");
    aws.call("ecs", "wait", "tasks-stopped", "--tasks", task);
    assertThat(
            aws.call(
                "ecs",
                "describe-tasks",
                "--tasks",
                task,
                "--query",
                "tasks[0].[lastStatus,stopCode,stoppedReason,containers[0].exitCode]",
                "--output",
                "text"))
        .isEqualTo("STOPPED\tUserInitiated\tseen enough\t0");
    assertThat(
            aws.call(
                "logs",
                "filter-log-events",
                "--log-group-name",
                family,
                "--filter-pattern",
                "bye",
                "--query",
                "events[].message",
                "--output",
                "text"))
        .isEqualTo("bye");
    if (major == AwsCli.Major.V2) {
      assertThat(aws.call("logs", "tail", family, "--format", "short")).contains("hello from");
    }
  }

  /// With v2 by `logs tail --follow`, which asks FilterLogEvents again and again; v1 does not have
  /// it, but `start-live-tail`, which Debian's v2 is too old for.
  @Test
  void theOutputOfATaskIsFollowed(@TempDir Path directory) throws Exception {
    String family = "cli-" + UUID.randomUUID();
    aws.call("logs", "create-log-group", "--log-group-name", family);
    Path file = directory.resolve("taskdef.json");
    Files.writeString(
        file,
        """
        {
          "family": "%s",
          "containerDefinitions": [
            {
              "name": "app",
              "image": "%s",
              "memory": 16,
              "command": ["sh", "-c", "trap 'exit 0' TERM; i=0; while true; do i=$((i+1)); echo line $i; sleep 0.2; done"],
              "logConfiguration": {
                "logDriver": "awslogs",
                "options": {"awslogs-group": "%s", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "cli"}
              }
            }
          ]
        }
        """
            .formatted(family, Engine.IMAGE, family));
    aws.call("ecs", "register-task-definition", "--cli-input-json", "file://" + file);
    String task =
        aws.call(
            "ecs",
            "run-task",
            "--task-definition",
            family,
            "--query",
            "tasks[0].taskArn",
            "--output",
            "text");
    String arn = "arn:aws:logs:us-east-1:000000000000:log-group:" + family;
    try (AwsCli.Going follower =
        switch (major) {
          case V1 -> aws.follow("logs", "start-live-tail", "--log-group-identifiers", arn);
          case V2 -> aws.follow("logs", "tail", family, "--follow", "--format", "short");
        }) {
      int first = number(follower.out().await(line -> line.contains("line "), Program.LIMIT));
      assertThat(first).isPositive();
      follower
          .out()
          .await(
              line -> line.contains("line ") && number(line) >= first + LINES_FOLLOWED,
              Program.LIMIT);
      assertThat(
              follower.out().lines().stream()
                  .filter(line -> line.contains("line "))
                  .map(AwsCliTest::number)
                  .limit(LINES_FOLLOWED)
                  .toList())
          .isEqualTo(IntStream.range(first, first + LINES_FOLLOWED).boxed().toList());
    } finally {
      aws.call("ecs", "stop-task", "--task", task);
    }
  }

  /// The number at the end of a line.
  private static int number(String line) {
    return Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1).strip());
  }

  @Test
  void aTaskOnAnInstanceThatIsNamed() throws Exception {
    String family = "cli-" + UUID.randomUUID();
    aws.call(
        "ecs",
        "register-task-definition",
        "--family",
        family,
        "--container-definitions",
        "[{\"name\":\"app\",\"image\":\"%s\",\"memory\":16,\"command\":[\"true\"]}]"
            .formatted(Engine.IMAGE));
    String instance =
        aws.call(
            "ecs",
            "list-container-instances",
            "--query",
            "containerInstanceArns[0]",
            "--output",
            "text");
    String task =
        aws.call(
            "ecs",
            "start-task",
            "--task-definition",
            family,
            "--container-instances",
            instance,
            "--query",
            "tasks[0].taskArn",
            "--output",
            "text");
    aws.call("ecs", "wait", "tasks-stopped", "--tasks", task);
    assertThat(
            aws.call(
                "ecs",
                "describe-tasks",
                "--tasks",
                task,
                "--query",
                "tasks[0].[containerInstanceArn,containers[0].exitCode]",
                "--output",
                "text"))
        .isEqualTo(instance + "\t0");
    if (major == AwsCli.Major.V2) {
      return; // Debian's does not know delete-task-definitions yet
    }
    aws.call("ecs", "deregister-task-definition", "--task-definition", family + ":1");
    assertThat(
            aws.call(
                "ecs",
                "delete-task-definitions",
                "--task-definitions",
                family + ":1",
                family + ":2",
                "--query",
                "[taskDefinitions[0].status,failures[0].reason]",
                "--output",
                "text"))
        .isEqualTo(
            "DELETE_IN_PROGRESS\tThe specified task definition does not exist. Specify a valid"
                + " account, family, revision and try again.");
  }

  @Test
  void anUnknownKeyIsRefused() throws IOException, InterruptedException {
    AwsCli stranger = aws.with("AKIAIOSFODNN7EXAMPLE", "not-a-secret");
    assertThat(stranger.refusal("ecs", "list-clusters"))
        .endsWith(
            "An error occurred (UnrecognizedClientException) when calling the ListClusters"
                + " operation: The security token included in the request is invalid.");
  }

  @Test
  void aWrongSecretIsRefused() throws IOException, InterruptedException {
    AwsCli forger = aws.with(aws.keyId(), "not-the-secret-of-this-key");
    assertThat(forger.refusal("logs", "describe-log-groups"))
        .contains(
            "An error occurred (InvalidSignatureException) when calling the DescribeLogGroups"
                + " operation: The request signature we calculated does not match the signature"
                + " you provided. Check your AWS Secret Access Key and signing method.");
  }

  @Test
  void anUnsignedCallIsRefused() throws IOException, InterruptedException {
    AwsCli nobody = aws.with(null, null);
    assertThat(nobody.refusal("ecs", "list-clusters", "--no-sign-request"))
        .endsWith(
            "An error occurred (MissingAuthenticationTokenException) when calling the ListClusters"
                + " operation: Missing Authentication Token");
  }

  @Test
  void aSessionTokenThatNobodyGaveIsRefused() throws IOException, InterruptedException {
    assertThat(aws.refusal(Map.of("AWS_SESSION_TOKEN", "made-up"), "ecs", "list-clusters"))
        .endsWith(
            "An error occurred (UnrecognizedClientException) when calling the ListClusters"
                + " operation: The security token included in the request is invalid.");
  }

  @Test
  void whatIsNotImplementedSaysSo() throws IOException, InterruptedException {
    assertThat(aws.refusal("ecs", "create-service", "--service-name", "web"))
        .contains("(NotImplementedException)")
        .contains("CreateService");
  }

  @Test
  void aBadArgumentGetsTheServicesOwnError() throws IOException, InterruptedException {
    assertThat(aws.refusal("ecs", "describe-tasks", "--cluster", "no-such", "--tasks", "x"))
        .endsWith(
            "An error occurred (ClusterNotFoundException) when calling the DescribeTasks"
                + " operation: Cluster not found.");
  }
}
