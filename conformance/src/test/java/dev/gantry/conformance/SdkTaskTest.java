package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.ecs.model.Cluster;
import software.amazon.awssdk.services.ecs.model.Container;
import software.amazon.awssdk.services.ecs.model.ContainerDefinition;
import software.amazon.awssdk.services.ecs.model.ContainerDependency;
import software.amazon.awssdk.services.ecs.model.ContainerOverride;
import software.amazon.awssdk.services.ecs.model.InvalidParameterException;
import software.amazon.awssdk.services.ecs.model.KeyValuePair;
import software.amazon.awssdk.services.ecs.model.NetworkBinding;
import software.amazon.awssdk.services.ecs.model.NetworkMode;
import software.amazon.awssdk.services.ecs.model.PortMapping;
import software.amazon.awssdk.services.ecs.model.RunTaskResponse;
import software.amazon.awssdk.services.ecs.model.Task;
import software.amazon.awssdk.services.ecs.model.TaskStopCode;
import software.amazon.awssdk.services.ecs.model.TransportProtocol;

/// The life of a task as the AWS SDK for Java sees it.
@Tag("docker")
@ExtendWith(SharedGantry.class)
class SdkTaskTest {
  /// Serves the variable GREETING over HTTP.
  private static final String WEB =
      "mkdir /tmp/www; echo \"$GREETING\" > /tmp/www/index.html;"
          + " exec httpd -f -p \"${PORT:-8080}\" -h /tmp/www";

  /// For what does not hear SIGTERM, as busybox's httpd does not.
  private static final int STOP_TIMEOUT_SECONDS = 2;

  /// Says so when it gets SIGTERM, and ends.
  private static final String OBEDIENT =
      "trap 'echo asked to stop; exit 143' TERM; echo begun; while true; do sleep 0.1; done";

  private final AwsClients clients;
  private SdkTasks tasks;

  SdkTaskTest(GantryProcess gantry) throws IOException {
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
  void fromClusterToStopped() throws Exception {
    String name = "sdk-" + UUID.randomUUID();
    Cluster cluster = clients.ecs().createCluster(request -> request.clusterName(name)).cluster();
    assertThat(cluster.status()).isEqualTo("ACTIVE");
    assertThat(cluster.clusterArn())
        .isEqualTo("arn:aws:ecs:us-east-1:000000000000:cluster/" + name);
    String definition = tasks.register(more -> {}, tasks.shell("app", OBEDIENT).build());
    // Nobody has joined that cluster, and ECS says so.
    assertThatThrownBy(() ->
            clients.ecs().runTask(request -> request.cluster(name).taskDefinition(definition)))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("No Container Instances were found in your cluster.");

    Task task = tasks.run(definition);
    assertThat(task.desiredStatus()).isEqualTo("RUNNING");
    Task running = tasks.awaitRunning(task);
    Container container = SdkTasks.container(running, "app");
    assertThat(container.lastStatus()).isEqualTo("RUNNING");
    assertThat(container.runtimeId()).hasSize(64);
    assertThat(clients.ecs().listTasks(request -> request.cluster(SdkTasks.CLUSTER)).taskArns())
        .contains(task.taskArn());
    tasks.awaitLine(task, "app", "begun");

    tasks.stop(task, "enough");
    Task stopped = tasks.awaitStopped(task);
    assertThat(stopped.stopCode()).isEqualTo(TaskStopCode.USER_INITIATED);
    assertThat(stopped.stoppedReason()).isEqualTo("enough");
    assertThat(SdkTasks.container(stopped, "app").exitCode()).isEqualTo(143);
    assertThat(stopped.stoppingAt()).isNotNull();
    assertThat(stopped.stoppedAt()).isAfterOrEqualTo(stopped.stoppingAt());
    assertThat(tasks.lines(task, "app")).containsExactly("begun", "asked to stop");
    assertThat(
            clients
                .logs()
                .filterLogEvents(
                    request -> request.logGroupName(tasks.group()).filterPattern("asked"))
                .events())
        .singleElement()
        .satisfies(event -> {
          assertThat(event.message()).isEqualTo("asked to stop");
          assertThat(event.logStreamName()).isEqualTo(SdkTasks.stream(task, "app"));
        });
    assertThat(clients.ecs().deleteCluster(request -> request.cluster(name)).cluster().status())
        .isEqualTo("INACTIVE");
  }

  @Test
  void anEssentialContainerThatExitsStopsTheTask() throws Exception {
    Task task =
        tasks.run(
            tasks.shell("worker", "echo failing; exit 3").build(),
            tasks
                .shell("helper", OBEDIENT)
                .stopTimeout(STOP_TIMEOUT_SECONDS)
                .essential(false)
                .build());
    Task stopped = tasks.awaitStopped(task);
    assertThat(stopped.stopCode()).isEqualTo(TaskStopCode.ESSENTIAL_CONTAINER_EXITED);
    assertThat(stopped.stoppedReason()).isEqualTo("Essential container in task exited");
    assertThat(SdkTasks.container(stopped, "worker").exitCode()).isEqualTo(3);
    assertThat(SdkTasks.container(stopped, "helper").exitCode()).isIn(137, 143);
    assertThat(stopped.desiredStatus()).isEqualTo("STOPPED");
    assertThat(tasks.lines(task, "worker")).containsExactly("failing");
  }

  @Test
  void aTaskWhoseHelperEndsGoesOn() throws Exception {
    Task task =
        tasks.run(
            tasks.shell("app", OBEDIENT).build(),
            tasks.shell("helper", "exit 4").essential(false).build());
    Task seen =
        Eventually.see(
            "the helper's end",
            () -> tasks.describe(task),
            now -> "STOPPED".equals(SdkTasks.container(now, "helper").lastStatus()));
    assertThat(SdkTasks.container(seen, "helper").exitCode()).isEqualTo(4);
    assertThat(tasks.awaitRunning(task).desiredStatus()).isEqualTo("RUNNING");
    tasks.stop(task, "done");
    tasks.awaitStopped(task);
  }

  @Test
  void anImageThatCannotBePulledFailsTheStart() throws Exception {
    String image = "127.0.0.1:" + GantryProcess.freePort() + "/nothing:1";
    Task stopped = tasks.awaitStopped(tasks.run(tasks.container("app").image(image).build()));
    assertThat(stopped.stopCode()).isEqualTo(TaskStopCode.TASK_FAILED_TO_START);
    Container container = SdkTasks.container(stopped, "app");
    assertThat(container.reason()).startsWith("CannotPullImageManifestError: ");
    assertThat(container.exitCode()).isNull();
    assertThat(stopped.stoppedReason()).isEqualTo("Task failed to start");
  }

  @Test
  void aCommandThatIsNotThereFailsTheStart() throws Exception {
    Task stopped =
        tasks.awaitStopped(tasks.run(tasks.container("app").command("/no/such/program").build()));
    assertThat(stopped.stopCode()).isEqualTo(TaskStopCode.TASK_FAILED_TO_START);
    assertThat(SdkTasks.container(stopped, "app").reason())
        .startsWith("CannotStartContainerError: Error response from daemon: ")
        .contains("/no/such/program");
  }

  @Test
  void outOfMemoryIsSaid() throws Exception {
    Task stopped =
        tasks.awaitStopped(
            tasks.run(tasks.container("app").command("tail", "/dev/zero").memory(16).build()));
    Container container = SdkTasks.container(stopped, "app");
    assertThat(container.exitCode()).isEqualTo(137);
    assertThat(container.reason())
        .isEqualTo("OutOfMemoryError: Container killed due to memory usage");
    assertThat(stopped.stopCode()).isEqualTo(TaskStopCode.ESSENTIAL_CONTAINER_EXITED);
  }

  @Test
  void whatDoesNotHearSigtermIsKilledAfterItsStopTimeout() throws Exception {
    Task task =
        tasks.run(
            tasks
                .shell("deaf", "trap '' TERM; echo begun; while true; do sleep 0.1; done")
                .stopTimeout(STOP_TIMEOUT_SECONDS)
                .build());
    tasks.awaitRunning(task);
    tasks.awaitLine(task, "deaf", "begun");
    tasks.stop(task, "now");
    Task stopped = tasks.awaitStopped(task);
    assertThat(SdkTasks.container(stopped, "deaf").exitCode()).isEqualTo(137);
    assertThat(stopped.stopCode()).isEqualTo(TaskStopCode.USER_INITIATED);
  }

  @Test
  void portsAreReportedAndReachable() throws Exception {
    int fixed = GantryProcess.freePort();
    ContainerDefinition web =
        tasks
            .shell("web", WEB)
            .stopTimeout(STOP_TIMEOUT_SECONDS)
            .environment(pair("GREETING", "from the definition"))
            .portMappings(
                PortMapping.builder()
                    .containerPort(8080)
                    .hostPort(fixed)
                    .protocol(TransportProtocol.TCP)
                    .build(),
                PortMapping.builder().containerPort(8080).hostPort(0).build())
            .build();
    String definition = tasks.register(more -> {}, web);
    Task task =
        clients
            .ecs()
            .runTask(request ->
                request
                    .cluster(SdkTasks.CLUSTER)
                    .taskDefinition(definition)
                    .overrides(overrides ->
                        overrides.containerOverrides(
                            ContainerOverride.builder()
                                .name("web")
                                .environment(pair("GREETING", "from the override"))
                                .build())))
            .tasks()
            .getFirst();
    List<NetworkBinding> bindings =
        SdkTasks.container(tasks.awaitRunning(task), "web").networkBindings();
    assertThat(bindings).anyMatch(binding -> binding.hostPort() == fixed);
    assertThat(bindings).anyMatch(binding -> binding.hostPort() != fixed);
    for (NetworkBinding binding : bindings) {
      assertThat(binding.containerPort()).isEqualTo(8080);
      assertThat(binding.protocolAsString()).isEqualTo("tcp");
      if (!binding.bindIP().contains(":")) {
        assertThat(
                Eventually.see(
                    "httpd", () -> answerOf(binding.hostPort()), text -> !text.isEmpty()))
            .isEqualTo("from the override\n");
      }
    }

    // The fixed port is taken now, and placement knows.
    RunTaskResponse second =
        clients
            .ecs()
            .runTask(request -> request.cluster(SdkTasks.CLUSTER).taskDefinition(definition));
    assertThat(second.tasks()).isEmpty();
    assertThat(second.failures())
        .singleElement()
        .satisfies(failure -> assertThat(failure.reason()).isEqualTo("RESOURCE:PORTS"));
    tasks.stop(task, "done");
    tasks.awaitStopped(task);
  }

  @Test
  void moreMemoryThanThereIsCannotBePlaced() {
    String definition =
        tasks.register(more -> {}, tasks.container("huge").memory(500_000_000).build());
    RunTaskResponse answer =
        clients
            .ecs()
            .runTask(request -> request.cluster(SdkTasks.CLUSTER).taskDefinition(definition));
    assertThat(answer.failures())
        .singleElement()
        .satisfies(failure -> assertThat(failure.reason()).isEqualTo("RESOURCE:MEMORY"));
  }

  @Test
  void commandsAreOverridden() throws Exception {
    String definition = tasks.register(more -> {}, tasks.shell("app", "echo defined").build());
    Task task =
        clients
            .ecs()
            .runTask(request ->
                request
                    .cluster(SdkTasks.CLUSTER)
                    .taskDefinition(definition)
                    .overrides(overrides ->
                        overrides.containerOverrides(
                            ContainerOverride.builder()
                                .name("app")
                                .command("sh", "-c", "echo overridden; exit 5")
                                .build())))
            .tasks()
            .getFirst();
    assertThat(SdkTasks.container(tasks.awaitStopped(task), "app").exitCode()).isEqualTo(5);
    assertThat(tasks.lines(task, "app")).containsExactly("overridden");
  }

  @Test
  void aTaskMayUseTheHostsNetwork() throws Exception {
    int port = GantryProcess.freePort();
    Task task =
        tasks.run(
            tasks.register(
                more -> more.networkMode(NetworkMode.HOST),
                tasks
                    .shell("web", WEB)
                    .stopTimeout(STOP_TIMEOUT_SECONDS)
                    .environment(pair("GREETING", "host"), pair("PORT", Integer.toString(port)))
                    .portMappings(PortMapping.builder().containerPort(port).build())
                    .build()));
    tasks.awaitRunning(task);
    assertThat(Eventually.see("httpd", () -> answerOf(port), text -> !text.isEmpty()))
        .isEqualTo("host\n");
    tasks.stop(task, "done");
    tasks.awaitStopped(task);
  }

  @Test
  void aTaskMayHaveNoNetwork() throws Exception {
    Task task =
        tasks.run(
            tasks.register(
                more -> more.networkMode(NetworkMode.NONE),
                tasks.shell("app", "ls /sys/class/net").build()));
    tasks.awaitStopped(task);
    assertThat(tasks.lines(task, "app")).containsExactly("lo");
  }

  @Test
  void whatDoesNotActYetIsKeptAndRefusedByName() {
    String definition =
        tasks.register(
            more -> {},
            tasks
                .shell("app", "true")
                .dependsOn(
                    ContainerDependency.builder().containerName("db").condition("START").build())
                .build(),
            tasks.shell("db", "true").build());
    assertThat(
            clients
                .ecs()
                .describeTaskDefinition(request -> request.taskDefinition(definition))
                .taskDefinition()
                .containerDefinitions()
                .getFirst()
                .dependsOn())
        .singleElement()
        .satisfies(on -> assertThat(on.containerName()).isEqualTo("db"));
    assertThatThrownBy(() -> tasks.run(definition))
        .hasMessageContaining("containerDefinitions[0].dependsOn");
  }

  private static KeyValuePair pair(String name, String value) {
    return KeyValuePair.builder().name(name).value(value).build();
  }

  private static String answerOf(int port) throws InterruptedException {
    try {
      return get(port);
    } catch (IOException notYet) {
      return "";
    }
  }

  private static String get(int port) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/")).build();
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }
}
