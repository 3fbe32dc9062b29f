package dev.gantry.agent.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.ContainerStatus.State;
import dev.gantry.agent.ContainerRuntime.EngineInfo;
import dev.gantry.agent.ContainerRuntime.ImageInfo;
import dev.gantry.agent.ContainerRuntime.PublishedPort;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import dev.gantry.agent.ImageReference;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("docker")
class DockerContainerRuntimeTest {
  private static RealEngine engine;

  @BeforeAll
  static void open() {
    engine = RealEngine.open();
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  private static RuntimeFailure failureOf(ThrowingCallable call) {
    return assertThatExceptionOfType(RuntimeFailure.class).isThrownBy(call).actual();
  }

  private static ContainerStatus inspect(String id) throws RuntimeFailure {
    return Objects.requireNonNull(engine.runtime.inspectContainer(id));
  }

  @Test
  void engineDescribesItselfAndItsHost() throws RuntimeFailure {
    EngineInfo info = engine.runtime.info();

    assertThat(info.id()).isNotEmpty();
    assertThat(info.version()).matches("[0-9]+\\.[0-9]+.*");
    assertThat(info.apiVersion()).matches("1\\.[0-9]+");
    assertThat(info.cpus()).isPositive();
    assertThat(info.memoryBytes()).isGreaterThan(64 << 20);
    assertThat(info.operatingSystem()).isEqualTo("linux");
    assertThat(info.architecture()).isNotEmpty();
    assertThat(info.loggingDrivers()).contains("json-file");
  }

  @Test
  void containerGoesFromCreatedToExitedWithItsCode() throws RuntimeFailure {
    RealEngine.Spec spec = engine.spec("sh", "-c", "test \"$GREETING\" = hello && exit 7");
    String id = spec.create();

    ContainerStatus created = inspect(id);
    assertThat(created.state()).isEqualTo(State.CREATED);
    assertThat(created.name()).isEqualTo(spec.name);
    assertThat(created.createdAt()).isNotNull();
    assertThat(created.startedAt()).isNull();
    assertThat(created.labels()).containsEntry(RealEngine.LABEL, engine.run);
    assertThat(created.imageId())
        .isEqualTo(Objects.requireNonNull(engine.runtime.inspectImage(RealEngine.IMAGE)).id());

    engine.runtime.startContainer(id);
    ContainerStatus exited = engine.awaitExit(id);
    assertThat(exited.state()).isEqualTo(State.EXITED);
    assertThat(exited.exitCode()).isEqualTo(7);
    assertThat(exited.error()).isNull();
    assertThat(exited.outOfMemoryKilled()).isFalse();
    assertThat(exited.startedAt()).isNotNull().isAfterOrEqualTo(created.createdAt());
    assertThat(exited.finishedAt()).isNotNull().isAfterOrEqualTo(exited.startedAt());
  }

  @Test
  void callsThatChangeNothingSucceed() throws RuntimeFailure {
    String id = engine.spec("sleep", "1000").start();
    engine.runtime.startContainer(id);
    assertThat(inspect(id).state()).isEqualTo(State.RUNNING);
    assertThat(inspect(id).finishedAt()).isNull();

    engine.runtime.stopContainer(id, Duration.ZERO);
    engine.runtime.stopContainer(id, Duration.ZERO);
    assertThat(inspect(id).exitCode()).isEqualTo(137);

    engine.runtime.removeContainer(id);
    engine.runtime.removeContainer(id);
    assertThat(engine.runtime.inspectContainer(id)).isNull();
  }

  @Test
  void containerBeyondItsMemoryIsKilledForIt() throws RuntimeFailure {
    RealEngine.Spec spec = engine.spec("sh", "-c", "x=a; while true; do x=$x$x; done");
    spec.memoryBytes = 16 << 20;
    spec.engineHostConfig = "{\"MemorySwap\": " + (16 << 20) + "}";

    ContainerStatus exited = engine.awaitExit(spec.start());

    assertThat(exited.exitCode()).isEqualTo(137);
    assertThat(exited.outOfMemoryKilled()).isTrue();
  }

  @Test
  void commandThatIsNotThereFailsTheStartInTheEnginesWords() throws RuntimeFailure {
    String id = engine.spec("/no/such/bin").create();

    RuntimeFailure failure = failureOf(() -> engine.runtime.startContainer(id));

    assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
    assertThat(failure)
        .hasMessageStartingWith("Error response from daemon: ")
        .hasMessageContaining("exec: \"/no/such/bin\": stat /no/such/bin: no such file");
    ContainerStatus status = inspect(id);
    assertThat(status.state()).isEqualTo(State.EXITED);
    assertThat(status.error()).contains("no such file or directory");
    assertThat(status.startedAt()).isNull();
  }

  @Test
  void imageThatIsNotThereFailsTheCreation() {
    RealEngine.Spec spec = engine.spec("true");
    spec.image = "gantry-no-such-image:1";

    RuntimeFailure failure = failureOf(spec::create);

    assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND);
    assertThat(failure)
        .hasMessage("Error response from daemon: No such image: gantry-no-such-image:1");
  }

  @Test
  void takenNameIsAConflict() throws RuntimeFailure {
    RealEngine.Spec spec = engine.spec("true");
    spec.create();

    RuntimeFailure failure = failureOf(() -> engine.runtime.createContainer(spec.build()));

    assertThat(failure.kind()).isEqualTo(Kind.CONFLICT);
    assertThat(failure).hasMessageContaining("is already in use by container");
  }

  @Test
  void portThatAnotherContainerHasIsAConflict() throws RuntimeFailure {
    RealEngine.Spec first = engine.spec("sleep", "1000");
    first.networkMode = "bridge";
    first.ports = List.of(new PublishedPort(80, 0, "tcp", ""));
    int taken = inspect(first.start()).ports().getFirst().hostPort();
    RealEngine.Spec second = engine.spec("sleep", "1000");
    second.networkMode = "bridge";
    second.ports = List.of(new PublishedPort(80, taken, "tcp", ""));
    String id = second.create();

    RuntimeFailure failure = failureOf(() -> engine.runtime.startContainer(id));

    assertThat(failure.kind()).isEqualTo(Kind.CONFLICT);
    assertThat(failure).hasMessageContaining("port is already allocated");
  }

  @Test
  void portThatAnotherProcessHasIsAConflict() throws RuntimeFailure, IOException {
    try (ServerSocket holder = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      RealEngine.Spec spec = engine.spec("sleep", "1000");
      spec.networkMode = "bridge";
      spec.ports = List.of(new PublishedPort(80, holder.getLocalPort(), "tcp", "127.0.0.1"));
      String id = spec.create();

      RuntimeFailure failure = failureOf(() -> engine.runtime.startContainer(id));

      assertThat(failure.kind()).isEqualTo(Kind.CONFLICT);
      assertThat(failure).hasMessageContaining("address already in use");
    }
  }

  @Test
  void enginePicksPortsThatAreLeftToIt() throws RuntimeFailure {
    RealEngine.Spec spec = engine.spec("sleep", "1000");
    spec.networkMode = "bridge";
    spec.ports =
        List.of(
            new PublishedPort(80, 0, "tcp", ""),
            new PublishedPort(53, 0, "udp", "127.0.0.1"),
            new PublishedPort(80, 0, "tcp", "127.0.0.1"));
    String id = spec.start();

    List<PublishedPort> ports = inspect(id).ports();

    assertThat(ports)
        .allSatisfy(port -> assertThat(port.hostPort()).isBetween(1024, 65535))
        .extracting(port -> port.containerPort() + "/" + port.protocol() + " " + port.bindIp())
        .contains("53/udp 127.0.0.1", "80/tcp 0.0.0.0", "80/tcp 127.0.0.1");
    engine.runtime.stopContainer(id, Duration.ZERO);
    assertThat(inspect(id).ports()).isEmpty();
  }

  @Test
  void stopLetsTheContainerEndByItself() throws RuntimeFailure {
    String id =
        engine
            .spec("sh", "-c", "trap 'exit 3' TERM; echo ready; while true; do sleep 0.05; done")
            .start();
    awaitOutput(id);

    engine.runtime.stopContainer(id, Duration.ofSeconds(30));

    assertThat(inspect(id).state()).isEqualTo(State.EXITED);
    assertThat(inspect(id).exitCode()).isEqualTo(3);
  }

  @Test
  void stopKillsWhatDoesNotEndWithinItsGrace() throws RuntimeFailure {
    String id =
        engine
            .spec("sh", "-c", "trap '' TERM; echo ready; while true; do sleep 0.05; done")
            .start();
    awaitOutput(id);

    engine.runtime.stopContainer(id, Duration.ofMillis(300));

    assertThat(inspect(id).exitCode()).isEqualTo(137);
  }

  private static void awaitOutput(String id) {
    Recorder lines = new Recorder();
    try (var _ = engine.runtime.followLogs(id, null, lines)) {
      lines.next();
    }
  }

  @Test
  void unknownContainersAreToldApartFromOtherRefusals() throws RuntimeFailure {
    String unknown = "gantry-no-such-container";

    assertThat(engine.runtime.inspectContainer(unknown)).isNull();
    engine.runtime.removeContainer(unknown);
    assertThat(failureOf(() -> engine.runtime.startContainer(unknown)).kind())
        .isEqualTo(Kind.NOT_FOUND);
    assertThat(failureOf(() -> engine.runtime.stopContainer(unknown, Duration.ZERO)).kind())
        .isEqualTo(Kind.NOT_FOUND);
  }

  @Test
  void hostileIdsStayInTheirPlace() throws RuntimeFailure {
    assertThat(engine.runtime.inspectContainer("../images/" + RealEngine.IMAGE)).isNull();
    assertThat(engine.runtime.inspectContainer("x?all=1#\r\nX: y")).isNull();
  }

  @Test
  void runningContainerIsNotRemoved() throws RuntimeFailure {
    String id = engine.spec("sleep", "1000").start();

    assertThat(failureOf(() -> engine.runtime.removeContainer(id)).kind()).isEqualTo(Kind.CONFLICT);
    assertThat(inspect(id).state()).isEqualTo(State.RUNNING);
  }

  @Test
  void listHasContainersWithAllLabelsWhetherTheyRunOrNot() throws RuntimeFailure {
    RealEngine.Spec running = engine.spec("sleep", "1000");
    running.labels = Map.of("gantry.list", "a=b \"c\"", "gantry.kind", "one");
    RealEngine.Spec ended = engine.spec("sh", "-c", "exit 5");
    ended.labels = Map.of("gantry.list", "a=b \"c\"", "gantry.kind", "two");
    String runningId = running.start();
    String endedId = ended.start();
    engine.awaitExit(endedId);

    Map<String, String> both = Map.of(RealEngine.LABEL, engine.run, "gantry.list", "a=b \"c\"");
    assertThat(engine.runtime.listContainers(both))
        .extracting(ContainerStatus::id, ContainerStatus::state, ContainerStatus::exitCode)
        .containsExactlyInAnyOrder(
            tuple(runningId, State.RUNNING, 0), tuple(endedId, State.EXITED, 5));
    assertThat(
            engine.runtime.listContainers(
                Map.of(RealEngine.LABEL, engine.run, "gantry.kind", "two")))
        .extracting(ContainerStatus::id)
        .containsExactly(endedId);
    assertThat(engine.runtime.listContainers(Map.of(RealEngine.LABEL, "nobody"))).isEmpty();
  }

  @Test
  void payloadsOwnConfigurationReachesTheEngine() throws RuntimeFailure {
    RealEngine.Spec spec = engine.spec("sh", "-c", "test $(hostname) = lighthouse && ! touch /x");
    spec.engineConfig = "{\"Hostname\":\"lighthouse\",\"Labels\":{\"mine\":\"yes\"}}";
    spec.engineHostConfig = "{\"ReadonlyRootfs\":true,\"NetworkMode\":\"none\"}";

    ContainerStatus exited = engine.awaitExit(spec.start());

    assertThat(exited.exitCode()).isZero();
    assertThat(exited.labels()).containsEntry("mine", "yes");
  }

  @Test
  void imageOfNoRegistryHasNoDigest() throws RuntimeFailure {
    ImageInfo image = Objects.requireNonNull(engine.runtime.inspectImage(RealEngine.IMAGE));

    assertThat(image.id()).matches("sha256:[0-9a-f]{64}");
    assertThat(image.digest()).isNull();
    assertThat(Objects.requireNonNull(engine.runtime.inspectImage(image.id())).id())
        .isEqualTo(image.id());
    assertThat(engine.runtime.inspectImage("gantry-no-such-image:1")).isNull();
    assertThat(failureOf(() -> engine.runtime.inspectImage("UPPER CASE")))
        .hasMessage("invalid reference format");
  }

  @Test
  void sameBinaryGivesTheSameImage() throws RuntimeFailure {
    String id = Objects.requireNonNull(engine.runtime.inspectImage(RealEngine.IMAGE)).id();
    String other = "gantry-docker-test-copy:" + engine.run;
    engine.runtime.loadImage(
        ImageMaker.busyboxArchive(RealEngine.busybox(), other, new TreeMap<>()));

    assertThat(Objects.requireNonNull(engine.runtime.inspectImage(other)).id()).isEqualTo(id);
    engine.runtime.tagImage(other, other + "-tagged");
    assertThat(engine.runtime.inspectImage(other + "-tagged")).isNotNull();
    engine.runtime.removeImage(other + "-tagged");
    engine.runtime.removeImage(other);
    engine.runtime.removeImage(other);
    assertThat(engine.runtime.inspectImage(other)).isNull();
  }

  @Test
  void imageIsRemovedByTheNameItHasAndNoOther() throws RuntimeFailure {
    ImageInfo image = Objects.requireNonNull(engine.runtime.inspectImage(RealEngine.IMAGE));
    String mine = "gantry-docker-test-mine:" + engine.run;
    engine.runtime.tagImage(RealEngine.IMAGE, mine);

    engine.runtime.removeImage("sha256:" + "0".repeat(64), mine);
    assertThat(engine.runtime.inspectImage(mine)).as("it is another image's").isNotNull();
    engine.runtime.removeImage(image.id(), null);
    assertThat(engine.runtime.inspectImage(mine)).as("the image has names").isNotNull();
    engine.runtime.removeImage(image.id(), ImageReference.canonical(mine));
    assertThat(engine.runtime.inspectImage(mine)).isNull();
    assertThat(engine.runtime.inspectImage(RealEngine.IMAGE)).isEqualTo(image);
    engine.runtime.removeImage(image.id(), mine);
  }

  @Test
  void imageWithoutANameIsRemovedByItsIdUnlessItWasGivenOne() throws RuntimeFailure {
    String id = engine.namelessImage();
    String mine = "gantry-docker-test-mine:" + engine.run;
    engine.runtime.tagImage(id, mine);

    engine.runtime.removeImage(id, null);
    assertThat(engine.runtime.inspectImage(mine)).isNotNull();
    engine.runtime.removeImage(id, mine);
    assertThat(engine.runtime.inspectImage(id)).isNull();
    engine.runtime.removeImage(id, null);
  }

  @Test
  void imageOfAContainerIsInUseAndStays() throws RuntimeFailure {
    String id = engine.namelessImage();
    assertThat(engine.runtime.usedImages()).doesNotContain(id);
    RealEngine.Spec spec = engine.spec("true");
    spec.image = id;
    String container = spec.create();

    assertThat(engine.runtime.usedImages()).contains(id);
    assertThat(failureOf(() -> engine.runtime.removeImage(id, null)).kind())
        .isEqualTo(Kind.CONFLICT);
    assertThat(engine.runtime.inspectImage(id)).isNotNull();
    engine.runtime.removeContainer(container);
    assertThat(engine.runtime.usedImages()).doesNotContain(id);
    engine.runtime.removeImage(id, null);
    assertThat(engine.runtime.inspectImage(id)).isNull();
  }

  @Test
  void archiveThatIsNoneIsRefused() {
    RuntimeFailure failure = failureOf(() -> engine.runtime.loadImage(new byte[2048]));

    assertThat(failure.getMessage()).isNotEmpty();
    assertThat(failure.kind()).isNotEqualTo(Kind.UNREACHABLE);
  }

  @Test
  void pullFromWhereNobodyListensFailsInTheEnginesWords() {
    RuntimeFailure failure =
        failureOf(() -> engine.runtime.pullImage("127.0.0.1:1/gantry/nothing:1"));

    assertThat(failure).hasMessageContaining("connection refused");
    assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
  }

  @Test
  void manyThreadsMayCallAtOnce() throws Exception {
    List<Future<Integer>> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 12; i++) {
        int code = i;
        Callable<Integer> task =
            () -> {
              RealEngine.Spec spec;
              synchronized (engine) {
                spec = engine.spec("sh", "-c", "exit " + code);
              }
              String id = engine.runtime.createContainer(spec.build());
              engine.runtime.startContainer(id);
              int exit = engine.awaitExit(id).exitCode();
              engine.runtime.removeContainer(id);
              return exit;
            };
        results.add(threads.submit(task));
      }
      for (int i = 0; i < results.size(); i++) {
        assertThat(results.get(i).get()).isEqualTo(i);
      }
    }
  }

  @Test
  void absentEngineIsUnreachable() {
    DockerEndpoint nowhere = DockerEndpoint.parse("unix:///nowhere/docker.sock", "test");
    try (DockerContainerRuntime runtime =
        new DockerContainerRuntime(nowhere, new DockerConfig(Path.of("/nowhere")))) {
      RuntimeFailure failure = failureOf(runtime::info);

      assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
      assertThat(failure)
          .hasMessageStartingWith(
              "Cannot connect to the Docker daemon at unix:///nowhere/docker.sock."
                  + " Is the docker daemon running?");
    }
  }
}
