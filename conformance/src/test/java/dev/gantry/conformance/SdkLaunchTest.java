package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.ecs.model.Compatibility;
import software.amazon.awssdk.services.ecs.model.ConflictException;
import software.amazon.awssdk.services.ecs.model.ContainerDefinition;
import software.amazon.awssdk.services.ecs.model.ContainerOverride;
import software.amazon.awssdk.services.ecs.model.EcsException;
import software.amazon.awssdk.services.ecs.model.Failure;
import software.amazon.awssdk.services.ecs.model.NetworkMode;
import software.amazon.awssdk.services.ecs.model.PropagateTags;
import software.amazon.awssdk.services.ecs.model.RunTaskRequest;
import software.amazon.awssdk.services.ecs.model.RunTaskResponse;
import software.amazon.awssdk.services.ecs.model.StartTaskResponse;
import software.amazon.awssdk.services.ecs.model.Tag;
import software.amazon.awssdk.services.ecs.model.Task;
import software.amazon.awssdk.services.ecs.model.TaskDefinition;
import software.amazon.awssdk.services.ecs.model.TaskDefinitionStatus;
import software.amazon.awssdk.services.ecs.model.TaskField;

/// Ways to start tasks, and the life of what they are started from, as the AWS SDK for Java sees
/// them.
@org.junit.jupiter.api.Tag("docker")
@ExtendWith(SharedGantry.class)
class SdkLaunchTest {
  private static final String NOWHERE = "0".repeat(32);

  private final AwsClients clients;
  private SdkTasks tasks;

  SdkLaunchTest(GantryProcess gantry) throws IOException {
    clients = AwsClients.of(gantry);
    tasks = new SdkTasks(clients, "");
  }

  @BeforeEach
  void prepare() {
    tasks = SdkTasks.of(clients);
  }

  @AfterEach
  void close() {
    clients.close();
  }

  @Test
  void startTaskRunsWhereItIsTold() throws Exception {
    String instance =
        clients
            .ecs()
            .listContainerInstances(request -> request.cluster(SdkTasks.CLUSTER))
            .containerInstanceArns()
            .getFirst();
    String definition =
        tasks.register(
            more -> more.tags(tag("team", "definition"), tag("kind", "definition")),
            tasks.container("app").command("false").build());
    StartTaskResponse started =
        clients
            .ecs()
            .startTask(request ->
                request
                    .cluster(SdkTasks.CLUSTER)
                    .taskDefinition(definition)
                    .containerInstances(instance, NOWHERE)
                    .group("batch")
                    .startedBy("conformance")
                    .tags(tag("team", "call"))
                    .propagateTags(PropagateTags.TASK_DEFINITION)
                    .enableECSManagedTags(true)
                    .overrides(overrides ->
                        overrides.containerOverrides(
                            ContainerOverride.builder()
                                .name("app")
                                .command("sh", "-c", "echo told to; exit 7")
                                .build())));
    assertThat(started.failures())
        .singleElement()
        .satisfies(failure -> {
          assertThat(failure.reason()).isEqualTo("MISSING");
          assertThat(failure.arn()).endsWith("container-instance/default/" + NOWHERE);
        });
    Task task = started.tasks().getFirst();
    assertThat(task.containerInstanceArn()).isEqualTo(instance);
    Task stopped = tasks.awaitStopped(task);
    assertThat(SdkTasks.container(stopped, "app").exitCode()).isEqualTo(7);
    assertThat(stopped.group()).isEqualTo("batch");
    assertThat(stopped.startedBy()).isEqualTo("conformance");
    assertThat(stopped.availabilityZone()).isNotEmpty();
    assertThat(stopped.tags()).isEmpty();
    assertThat(
            clients
                .ecs()
                .describeTasks(request ->
                    request.cluster(SdkTasks.CLUSTER).tasks(task.taskArn()).include(TaskField.TAGS))
                .tasks()
                .getFirst()
                .tags())
        .containsExactlyInAnyOrder(
            tag("team", "call"),
            tag("kind", "definition"),
            tag("aws:ecs:clusterName", SdkTasks.CLUSTER));
    assertThat(tasks.lines(task, "app")).containsExactly("told to");
  }

  @Test
  void oneTokenStartsTasksOnce() throws Exception {
    String definition =
        tasks.register(more -> {}, tasks.container("app").command("sleep", "60").build());
    RunTaskRequest request =
        RunTaskRequest.builder()
            .cluster(SdkTasks.CLUSTER)
            .taskDefinition(definition)
            .count(2)
            .clientToken(UUID.randomUUID().toString())
            .build();
    RunTaskResponse first = clients.ecs().runTask(request);
    List<String> arns = first.tasks().stream().map(Task::taskArn).toList();
    assertThat(arns).hasSize(2);
    assertThat(clients.ecs().runTask(request).tasks().stream().map(Task::taskArn).toList())
        .isEqualTo(arns);
    assertThatThrownBy(() -> clients.ecs().runTask(request.toBuilder().count(1).build()))
        .isInstanceOfSatisfying(
            ConflictException.class,
            conflict -> assertThat(conflict.resourceIds()).isEqualTo(arns));
    for (Task task : first.tasks()) {
      tasks.stop(task, "seen");
    }
    for (Task task : first.tasks()) {
      tasks.awaitStopped(task);
    }
  }

  @Test
  void aDefinitionIsDeregisteredThenDeleted() {
    String arn = tasks.register(more -> {}, tasks.container("app").build());
    assertThat(delete(arn)).extracting(Failure::arn).containsExactly(arn);
    assertThat(
            clients
                .ecs()
                .deregisterTaskDefinition(request -> request.taskDefinition(arn))
                .taskDefinition()
                .status())
        .isEqualTo(TaskDefinitionStatus.INACTIVE);
    assertThat(delete(arn)).isEmpty();
    TaskDefinition going =
        clients
            .ecs()
            .describeTaskDefinition(request -> request.taskDefinition(arn))
            .taskDefinition();
    assertThat(going.status()).isEqualTo(TaskDefinitionStatus.DELETE_IN_PROGRESS);
    assertThat(going.deleteRequestedAt()).isAfterOrEqualTo(going.deregisteredAt());
    assertThatThrownBy(() ->
            clients.ecs().runTask(request -> request.cluster(SdkTasks.CLUSTER).taskDefinition(arn)))
        .isInstanceOf(EcsException.class)
        .hasMessageContaining("TaskDefinition is inactive");
  }

  private List<Failure> delete(String arn) {
    return clients.ecs().deleteTaskDefinitions(request -> request.taskDefinitions(arn)).failures();
  }

  @Test
  void aSizeThatFargateHasNotIsRefused() {
    assertThatThrownBy(() ->
            tasks.register(
                more ->
                    more.requiresCompatibilities(Compatibility.FARGATE)
                        .networkMode(NetworkMode.AWSVPC)
                        .cpu(".25 vCPU")
                        .memory("4 GB"),
                ContainerDefinition.builder().name("app").image(Engine.IMAGE).build()))
        .isInstanceOf(EcsException.class)
        .hasMessageContaining("No Fargate configuration exists for given values: 256 CPU, 4096");
  }

  private static Tag tag(String key, String value) {
    return Tag.builder().key(key).value(value).build();
  }
}
