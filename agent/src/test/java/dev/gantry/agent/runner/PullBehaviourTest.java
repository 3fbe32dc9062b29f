package dev.gantry.agent.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.ImageCleanup;
import dev.gantry.agent.PullBehaviour;
import dev.gantry.agent.docker.DockerConfig;
import dev.gantry.agent.docker.DockerEndpoint;
import dev.gantry.agent.docker.RealRegistry;
import dev.gantry.api.ecs.ContainerStateChange;
import dev.gantry.api.ecs.SubmitTaskStateChangeRequest;
import dev.gantry.wire.TextSocket;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// When a registry is asked, and what happens without it: a whole agent, a real engine and a real
/// registry that wants a login.
@Tag("docker")
final class PullBehaviourTest {
  @TempDir Path home;

  private AgentRig rig;
  private RealRegistry registry;
  private String image = "";
  private String digest = "";

  @BeforeEach
  void start() throws Exception {
    registry = RealRegistry.start(true);
    DockerEndpoint engine =
        DockerEndpoint.find(System.getenv(), Path.of(System.getProperty("user.home", "/")));
    DockerConfig login = registry.login(home);
    rig = AgentRig.open(home, engine, login);
    digest = registry.push(engine, AgentRig.IMAGE, "app:1");
    image = registry.host() + "/app:1";
  }

  @AfterEach
  void clear() throws Exception {
    rig.runtime.removeImage(image);
    rig.close();
    registry.close();
  }

  @ParameterizedTest
  @EnumSource(PullBehaviour.class)
  void firstTaskPulls(PullBehaviour pulls) throws Exception {
    try (Agent agent = rig.agent(Duration.ZERO, pulls)) {
      SubmitTaskStateChangeRequest first = run(AgentRig.next(rig.control.acs));
      assertThat(first.pullStartedAt()).isNotNull();
      assertThat(first.pullStoppedAt()).isAfterOrEqualTo(first.pullStartedAt());
      assertThat(AgentRig.entry(first).imageDigest()).isEqualTo(digest);
      assertThat(AgentRig.entry(first).exitCode()).isEqualTo(7);
      assertThat(agent.awaitEmpty(AgentRig.PATIENCE)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(PullBehaviour.class)
  void secondTaskWithoutTheRegistry(PullBehaviour pulls) throws Exception {
    try (Agent agent = rig.agent(Duration.ZERO, pulls)) {
      TextSocket socket = AgentRig.next(rig.control.acs);
      run(socket);
      registry.close();
      SubmitTaskStateChangeRequest second = run(socket);
      ContainerStateChange ended = AgentRig.entry(second);
      switch (pulls) {
        case DEFAULT -> {
          assertThat(second.pullStartedAt()).isNotNull();
          assertThat(ended.exitCode()).as("the image is there from before").isEqualTo(7);
          assertThat(ended.imageDigest()).isEqualTo(digest);
          assertThat(ended.reason()).startsWith("CannotPullImageManifestError: ");
        }
        case ALWAYS -> {
          assertThat(ended.exitCode()).isNull();
          assertThat(ended.reason()).startsWith("CannotPullImageManifestError: ");
        }
        case ONCE, PREFER_CACHED -> {
          assertThat(second.pullStartedAt()).as("nobody is asked").isNull();
          assertThat(ended.exitCode()).isEqualTo(7);
          assertThat(ended.imageDigest()).isEqualTo(digest);
        }
      }
      assertThat(agent.awaitEmpty(AgentRig.PATIENCE)).isTrue();
    }
  }

  @Test
  void onceAsksEvenIfSomebodyElseBroughtTheImage() throws Exception {
    rig.runtime.tagImage(AgentRig.IMAGE, image);
    try (Agent agent = rig.agent(Duration.ZERO, PullBehaviour.ONCE)) {
      SubmitTaskStateChangeRequest first = run(AgentRig.next(rig.control.acs));
      assertThat(first.pullStartedAt()).isNotNull();
      assertThat(agent.awaitEmpty(AgentRig.PATIENCE)).isTrue();
    }
  }

  /// The name that the image was pulled by goes; the one that somebody else gave it stays.
  @Test
  void imageThatNothingUsesAnyMoreIsRemoved() throws Exception {
    String mine = rig.ownImage();
    registry.push(rig.engine, mine, "app:1");
    ImageCleanup often = new ImageCleanup(Duration.ofMillis(200), Duration.ZERO, 5);
    try (Agent agent = rig.agent(Duration.ZERO, PullBehaviour.DEFAULT, often)) {
      TextSocket socket = AgentRig.next(rig.control.acs);
      for (int i = 0; i < 2; i++) {
        run(socket);
        assertThat(agent.awaitCleanedUp(AgentRig.PATIENCE)).isTrue();
        assertThat(rig.runtime.inspectImage(image)).isNull();
      }
      assertThat(rig.runtime.inspectImage(mine)).isNotNull();
    } finally {
      rig.runtime.removeImage(mine);
    }
  }

  @Test
  void imageThatWasThereBeforeStays() throws Exception {
    rig.runtime.pullImage(image);
    ImageCleanup often = new ImageCleanup(Duration.ofMillis(1), Duration.ZERO, 5);
    try (Agent agent = rig.agent(Duration.ZERO, PullBehaviour.DEFAULT, often)) {
      TextSocket socket = AgentRig.next(rig.control.acs);
      run(socket);
      assertThat(agent.awaitEmpty(AgentRig.PATIENCE)).isTrue();
      registry.close();
      SubmitTaskStateChangeRequest second = run(socket);
      assertThat(AgentRig.entry(second).exitCode()).isEqualTo(7);
    }
  }

  private SubmitTaskStateChangeRequest run(TextSocket socket) throws InterruptedException {
    rig.control.payload(
        socket,
        AgentRig.task(AgentRig.container("app", "exit 7").toBuilder().image(image).build()));
    return rig.report("STOPPED");
  }
}
