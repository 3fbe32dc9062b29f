package dev.gantry.agent.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.gantry.agent.PullBehaviour;
import dev.gantry.agent.docker.RealRegistry;
import dev.gantry.api.acs.Container;
import dev.gantry.api.acs.PortMapping;
import dev.gantry.api.ecs.ContainerStateChange;
import dev.gantry.api.ecs.SubmitTaskStateChangeRequest;
import dev.gantry.wire.TextSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What a real engine makes of a task that cannot run, and how the agent tells it: the categories
/// of Amazon's agent, then the engine's own words.
@Tag("docker")
final class FailuresTest {
  private static final String DAEMON = "Error response from daemon: ";

  @TempDir Path home;

  private AgentRig rig;

  @BeforeEach
  void start() throws Exception {
    rig = AgentRig.open(home);
  }

  @AfterEach
  void clear() throws Exception {
    rig.close();
  }

  private static Container app(String script) {
    return AgentRig.container("app", script);
  }

  private static Container image(String image) {
    return app("true").toBuilder().image(image).build();
  }

  private static Container config(String config) {
    Container plain = app("true");
    return plain.toBuilder()
        .dockerConfig(
            dev.gantry.api.acs.DockerConfig.builder().version("1.17").config(config).build())
        .build();
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        arguments(
            "out of memory",
            app("exec tail /dev/zero").toBuilder().memory(8).build(),
            137,
            "OutOfMemoryError: Container killed due to memory usage",
            ""),
        arguments(
            "no such command",
            app("").toBuilder().command(List.of("/no/such/program")).build(),
            null,
            "CannotStartContainerError: " + DAEMON,
            "/no/such/program"),
        arguments(
            "command that is no program",
            app("").toBuilder().command(List.of("/etc")).build(),
            null,
            "CannotStartContainerError: " + DAEMON,
            "permission denied"),
        arguments(
            "working directory that is none",
            config("{\"WorkingDir\":\"not/absolute\"}"),
            null,
            "CannotCreateContainerError: " + DAEMON,
            "the working directory 'not/absolute' is invalid, it needs to be an absolute path"),
        arguments(
            "working directory that is a file",
            config("{\"WorkingDir\":\"/bin/busybox\"}"),
            null,
            "CannotCreateContainerError: " + DAEMON,
            "/bin/busybox is not a directory"),
        arguments(
            "user that is not there",
            config("{\"User\":\"nobody-here\"}"),
            null,
            "CannotStartContainerError: " + DAEMON,
            "unable to find user nobody-here"),
        arguments(
            "image name that is none",
            image("Not/A Name"),
            null,
            "CannotPullImageManifestError: invalid reference format",
            ""),
        arguments(
            "image name that the engine refuses",
            image("Not/App"),
            null,
            "CannotPullImageManifestError: " + DAEMON + "invalid reference format",
            "must be lowercase"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("failures")
  void taskEndsWithItsReason(
      String name, Container container, @Nullable Integer exitCode, String reason, String contains)
      throws Exception {
    ContainerStateChange ended = run(PullBehaviour.PREFER_CACHED, container);
    assertThat(ended.reason()).startsWith(reason).contains(contains).hasSizeLessThan(1025);
    assertThat(ended.exitCode()).isEqualTo(exitCode);
  }

  @Test
  void takenPortFailsTheStart() throws Exception {
    try (ServerSocket taken = new ServerSocket(0)) {
      Container app =
          app("true").toBuilder()
              .portMappings(
                  List.of(
                      PortMapping.builder()
                          .containerPort(80)
                          .hostPort(taken.getLocalPort())
                          .build()))
              .build();
      ContainerStateChange ended = run(PullBehaviour.PREFER_CACHED, app);
      assertThat(ended.reason())
          .startsWith("CannotStartContainerError: " + DAEMON)
          .contains("address already in use");
      assertThat(ended.exitCode()).isNull();
    }
  }

  @Test
  void registryThatDoesNotKnowTheImageIsReportedWithThePullsTimes() throws Exception {
    try (RealRegistry registry = RealRegistry.start(false);
        Agent agent = rig.agent(Duration.ZERO, PullBehaviour.ALWAYS)) {
      rig.control.payload(
          AgentRig.next(rig.control.acs), AgentRig.task(image(registry.host() + "/absent:1")));
      SubmitTaskStateChangeRequest report = rig.report("STOPPED");
      assertThat(AgentRig.entry(report).reason())
          .startsWith("CannotPullImageManifestError: " + DAEMON)
          .contains("manifest unknown");
      assertThat(AgentRig.entry(report).runtimeId()).isNull();
      assertThat(report.pullStartedAt()).isNotNull();
      assertThat(report.pullStoppedAt()).isAfterOrEqualTo(report.pullStartedAt());
      assertThat(agent.gaveUp()).isNull();
    }
  }

  @Test
  void registryThatWantsALoginIsReported() throws Exception {
    try (RealRegistry registry = RealRegistry.start(true)) {
      ContainerStateChange ended = run(PullBehaviour.ALWAYS, image(registry.host() + "/app:1"));
      assertThat(ended.reason())
          .startsWith("CannotPullImageManifestError: " + DAEMON)
          .containsAnyOf("unauthorized", "no basic auth credentials");
    }
  }

  @Test
  void registryThatCannotBeReachedIsTriedAgainAndThenReported() throws Exception {
    int nobody;
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = probe.getLocalPort();
    }
    ContainerStateChange ended = run(PullBehaviour.ALWAYS, image("127.0.0.1:" + nobody + "/app:1"));
    assertThat(ended.reason())
        .startsWith("CannotPullImageManifestError: " + DAEMON)
        .contains("connection refused");
  }

  private ContainerStateChange run(PullBehaviour pulls, Container container) throws Exception {
    try (Agent agent = rig.agent(Duration.ZERO, pulls)) {
      TextSocket socket = AgentRig.next(rig.control.acs);
      rig.control.payload(socket, AgentRig.task(container));
      ContainerStateChange ended = AgentRig.entry(rig.report("STOPPED"));
      assertThat(agent.awaitEmpty(AgentRig.PATIENCE)).isTrue();
      assertThat(rig.containers()).isEmpty();
      return ended;
    }
  }
}
