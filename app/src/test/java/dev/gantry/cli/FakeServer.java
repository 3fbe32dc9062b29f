package dev.gantry.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.gantry.api.ecs.Cluster;
import dev.gantry.api.ecs.Container;
import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.ContainerInstance;
import dev.gantry.api.ecs.DescribeClustersResponse;
import dev.gantry.api.ecs.DescribeContainerInstancesResponse;
import dev.gantry.api.ecs.DescribeTasksResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.Failure;
import dev.gantry.api.ecs.ListClustersResponse;
import dev.gantry.api.ecs.ListContainerInstancesResponse;
import dev.gantry.api.ecs.ListTasksResponse;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.RegisterTaskDefinitionResponse;
import dev.gantry.api.ecs.RunTaskResponse;
import dev.gantry.api.ecs.StopTaskResponse;
import dev.gantry.api.ecs.Task;
import dev.gantry.api.ecs.TaskDefinition;
import dev.gantry.api.logs.GetLogEventsRequest;
import dev.gantry.api.logs.GetLogEventsResponse;
import dev.gantry.api.logs.Logs;
import dev.gantry.api.logs.LogsErrors;
import dev.gantry.api.logs.OutputLogEvent;
import dev.gantry.wire.Endpoint.Upgrade;
import dev.gantry.wire.Headers;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.WireRequest;
import dev.gantry.wire.WireResponse;
import dev.gantry.wire.auth.CredentialResolver.Resolution;
import dev.gantry.wire.auth.Principal;
import dev.gantry.wire.server.Answer;
import dev.gantry.wire.server.AwsEndpoint;
import dev.gantry.wire.server.Call;
import dev.gantry.wire.shape.ServiceException;
import dev.gantry.wire.shape.Unit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A Gantry without containers: real signatures and real wire bytes, one task at a time, whose fate
/// a test has written beforehand. Each DescribeTasks moves the task one step along its script.
final class FakeServer implements ServerLauncher {
  private static final String ARN = "arn:aws:ecs:us-east-1:000000000000:";

  /// One step of the task's life: what containers there are, and what each has written by then.
  record Step(String status, List<Container> containers, Map<String, List<String>> written) {}

  private final List<Step> script = new ArrayList<>();
  private final List<String> calls = new ArrayList<>();
  private final CountDownLatch running = new CountDownLatch(1);
  private @Nullable Step afterStop;
  private @Nullable ServiceException refusal;
  private @Nullable Failure placementFailure;
  private List<ContainerDefinition> definition = List.of();
  private @Nullable GivenUp givenUp;
  private int at;
  private boolean stopped;
  private boolean started;
  private Limits limits = Limits.DEFAULTS;

  /// Adds a step.
  FakeServer then(String status, Container container, String... written) {
    script.add(new Step(status, List.of(container), Map.of(name(container), List.of(written))));
    return this;
  }

  /// Adds a step with several containers.
  FakeServer then(Step step) {
    script.add(step);
    return this;
  }

  /// What the task becomes once StopTask was called; until then it stays at its script's last step.
  FakeServer afterStop(Container container, String... written) {
    afterStop = new Step("STOPPED", List.of(container), Map.of(name(container), List.of(written)));
    return this;
  }

  /// RegisterTaskDefinition answers with this.
  FakeServer refusing(ServiceException answer) {
    refusal = answer;
    return this;
  }

  /// RunTask answers with this failure.
  FakeServer unplaceable(Failure failure) {
    placementFailure = failure;
    return this;
  }

  /// The agent of this host in cluster default cannot go on.
  FakeServer withoutAgent(String why, Path home) {
    givenUp = new GivenUp(why, home);
    return this;
  }

  /// What was called, as `RunTask`, without repetitions in a row.
  List<String> calls() {
    synchronized (calls) {
      return List.copyOf(calls);
    }
  }

  /// Waits until a client has seen the task RUNNING.
  void awaitRunning() throws InterruptedException {
    running.await();
  }

  /// What it was started with.
  Limits limits() {
    return limits;
  }

  boolean wasStarted() {
    return started;
  }

  /// The definition that was registered.
  List<ContainerDefinition> registered() {
    return definition;
  }

  @Override
  public Running start(Settings settings) throws IOException {
    started = true;
    limits = settings.limits();
    AwsEndpoint endpoint =
        new AwsEndpoint(
            List.of(Ecs.SERVICE, Logs.SERVICE),
            this::handle,
            call -> new Upgrade.Refused(new WireResponse(404, Headers.none(), new byte[0])),
            (id, token) ->
                id.equals(settings.key().accessKeyId())
                    ? new Resolution.Known(
                        new Principal("000000000000", "arn:aws:iam::000000000000:root"),
                        settings.key().secret())
                    : new Resolution.UnknownKey(),
            InstantSource.system(),
            () -> UUID.randomUUID().toString(),
            (id, what, cause) -> cause.printStackTrace());
    HttpServer http = HttpServer.create(new InetSocketAddress(settings.bind(), settings.port()), 0);
    http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    http.createContext("/", exchange -> serve(endpoint, exchange));
    http.start();
    return new Running() {
      @Override
      public URI endpoint() {
        return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
      }

      @Override
      public @Nullable GivenUp givenUp(String cluster) {
        return cluster.equals("default") ? givenUp : null;
      }

      @Override
      public void stop(Duration drainLimit) {
        http.stop(0);
      }
    };
  }

  private static void serve(AwsEndpoint endpoint, HttpExchange exchange) throws IOException {
    List<Headers.Header> headers = new ArrayList<>();
    exchange
        .getRequestHeaders()
        .forEach((name, values) ->
            values.forEach(value -> headers.add(new Headers.Header(name, value))));
    WireRequest request =
        new WireRequest(
            new RequestHead(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getRawPath(),
                exchange.getRequestURI().getRawQuery(),
                Headers.of(headers),
                "127.0.0.1"),
            exchange.getRequestBody().readAllBytes());
    Consumer<WireResponse> answer =
        response -> {
          try (exchange) {
            for (Headers.Header header : response.headers().fields()) {
              exchange.getResponseHeaders().add(header.name(), header.value());
            }
            exchange.sendResponseHeaders(response.status(), response.body().length);
            exchange.getResponseBody().write(response.body());
          } catch (IOException gone) {
            throw new UncheckedIOException(gone);
          }
        };
    endpoint.handle(request, answer);
  }

  private synchronized void handle(Call call, Answer answer) {
    String name = call.operation().name();
    synchronized (calls) {
      if (calls.isEmpty() || !calls.getLast().equals(name)) {
        calls.add(name);
      }
    }
    try {
      answer.success(output(name, call.input()));
    } catch (ServiceException refused) {
      answer.failure(refused);
    }
  }

  private Object output(String operation, Object input) {
    return switch (operation) {
      case "CreateLogGroup" -> Unit.UNIT;
      case "ListClusters" ->
          ListClustersResponse.builder().clusterArns(List.of(ARN + "cluster/default")).build();
      case "DescribeClusters" ->
          DescribeClustersResponse.builder()
              .clusters(
                  List.of(
                      Cluster.builder()
                          .clusterName("default")
                          .status("ACTIVE")
                          .registeredContainerInstancesCount(1)
                          .runningTasksCount(1)
                          .pendingTasksCount(0)
                          .build()))
              .build();
      case "ListContainerInstances" ->
          ListContainerInstancesResponse.builder()
              .containerInstanceArns(List.of(ARN + "container-instance/default/1"))
              .build();
      case "DescribeContainerInstances" ->
          DescribeContainerInstancesResponse.builder()
              .containerInstances(List.of(ContainerInstance.builder().agentConnected(true).build()))
              .build();
      case "ListTasks" ->
          ListTasksResponse.builder()
              .taskArns(stopped || script.isEmpty() ? List.of() : List.of(taskArn()))
              .build();
      case "RegisterTaskDefinition" -> {
        if (refusal != null) {
          throw refusal;
        }
        RegisterTaskDefinitionRequest request = (RegisterTaskDefinitionRequest) input;
        definition = Objects.requireNonNull(request.containerDefinitions());
        yield RegisterTaskDefinitionResponse.builder()
            .taskDefinition(
                TaskDefinition.builder()
                    .taskDefinitionArn(ARN + "task-definition/" + request.family() + ":1")
                    .family(request.family())
                    .revision(1)
                    .containerDefinitions(definition)
                    .build())
            .build();
      }
      case "RunTask" ->
          placementFailure == null
              ? RunTaskResponse.builder()
                  .tasks(List.of(Task.builder().taskArn(taskArn()).build()))
                  .failures(List.of())
                  .build()
              : RunTaskResponse.builder()
                  .tasks(List.of())
                  .failures(List.of(placementFailure))
                  .build();
      case "StopTask" -> {
        stopped = true;
        yield StopTaskResponse.builder().build();
      }
      case "DescribeTasks" -> DescribeTasksResponse.builder().tasks(List.of(look())).build();
      case "GetLogEvents" -> events((GetLogEventsRequest) input);
      default -> throw EcsErrors.invalidParameterException("the fake does not know " + operation);
    };
  }

  private static String taskArn() {
    return ARN + "task/default/0123456789abcdef0123456789abcdef";
  }

  private Step step() {
    return stopped && afterStop != null ? afterStop : script.get(Math.max(0, at - 1));
  }

  private Task look() {
    at = Math.min(at + 1, script.size());
    Step step = step();
    if (step.status().equals("RUNNING")) {
      running.countDown();
    }
    Task.Builder task =
        Task.builder()
            .taskArn(taskArn())
            .taskDefinitionArn(ARN + "task-definition/f:1")
            .lastStatus(step.status())
            .containers(step.containers());
    return step.status().equals("STOPPED")
        ? task.stopCode("EssentialContainerExited")
            .stoppedReason("Essential container in task exited")
            .build()
        : task.build();
  }

  private GetLogEventsResponse events(GetLogEventsRequest request) {
    String stream = Objects.requireNonNull(request.logStreamName());
    List<String> lines = step().written().get(stream.split("/", -1)[1]);
    if (lines == null || lines.isEmpty()) {
      throw LogsErrors.resourceNotFoundException("The specified log stream does not exist.");
    }
    String token = request.nextToken();
    int from = token == null ? 0 : Integer.parseInt(token);
    List<OutputLogEvent> events = new ArrayList<>();
    for (String line : lines.subList(Math.min(from, lines.size()), lines.size())) {
      events.add(OutputLogEvent.builder().timestamp(0L).message(line).build());
    }
    return GetLogEventsResponse.builder()
        .events(events)
        .nextForwardToken(Integer.toString(lines.size()))
        .build();
  }

  private static String name(Container container) {
    return Objects.requireNonNull(container.name());
  }

  /// A container for a script.
  static Container container(String name, String status, @Nullable Integer exitCode) {
    return Container.builder().name(name).lastStatus(status).exitCode(exitCode).build();
  }

  /// A step with several containers, given with what each has written.
  static Step step(String status, Map<Container, List<String>> containers) {
    Map<String, List<String>> written = new LinkedHashMap<>();
    containers.forEach((container, lines) -> written.put(name(container), lines));
    return new Step(status, List.copyOf(containers.keySet()), written);
  }
}
