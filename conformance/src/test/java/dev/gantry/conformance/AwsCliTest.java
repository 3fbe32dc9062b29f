package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What a person with the AWS CLI does and sees. Each call of it costs a second, so that details
/// are left to [SdkTaskTest].
@Tag("docker")
@ExtendWith(SharedGantry.class)
class AwsCliTest {
  private final GantryProcess gantry;
  private final AwsCli aws;

  AwsCliTest(GantryProcess gantry) throws IOException {
    this.gantry = gantry;
    this.aws = AwsCli.of(gantry);
  }

  @BeforeAll
  static void needsTheAwsCli() throws InterruptedException {
    assumeTrue(AwsCli.version() != null, "there is no aws on PATH (Debian: apt install awscli)");
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
    String version = AwsCli.version();
    if (version != null && version.startsWith("aws-cli/2.")) {
      assertThat(aws.call("logs", "tail", family, "--format", "short")).contains("hello from");
    }
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
    AwsCli stranger = new AwsCli(gantry.endpoint(), "AKIAIOSFODNN7EXAMPLE", "not-a-secret");
    assertThat(stranger.refusal("ecs", "list-clusters"))
        .endsWith(
            "An error occurred (UnrecognizedClientException) when calling the ListClusters"
                + " operation: The security token included in the request is invalid.");
  }

  @Test
  void aWrongSecretIsRefused() throws IOException, InterruptedException {
    AwsCli forger =
        new AwsCli(gantry.endpoint(), gantry.key().accessKeyId(), "not-the-secret-of-this-key");
    assertThat(forger.refusal("logs", "describe-log-groups"))
        .contains(
            "An error occurred (InvalidSignatureException) when calling the DescribeLogGroups"
                + " operation: The request signature we calculated does not match the signature"
                + " you provided. Check your AWS Secret Access Key and signing method.");
  }

  @Test
  void anUnsignedCallIsRefused() throws IOException, InterruptedException {
    AwsCli nobody = new AwsCli(gantry.endpoint(), null, null);
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
