package dev.gantry.agent.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.api.acs.Container;
import dev.gantry.api.acs.PortMapping;
import dev.gantry.api.acs.Task;
import dev.gantry.api.ecs.ContainerStateChange;
import dev.gantry.api.ecs.NetworkBinding;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The network modes host and none on a real engine that shares the test's network.
@Tag("docker")
final class NetworkModeTest {
  @TempDir Path home;

  private AgentRig rig;

  @BeforeEach
  void start() throws Exception {
    rig = AgentRig.open(home);
  }

  @AfterEach
  void clear() throws RuntimeFailure {
    rig.close();
  }

  /// As the control plane sends it: the task's mode, and the same in the container's configuration.
  private static Task task(String mode, Container container) {
    return AgentRig.task(container).toBuilder().networkMode(mode).build();
  }

  private static Container container(String mode, String script) {
    return AgentRig.container(
        "app",
        script,
        "{\"NetworkMode\":\""
            + mode
            + "\",\"LogConfig\":{\"Type\":\"awslogs\",\"Config\":{"
            + "\"awslogs-group\":\"/g\",\"awslogs-stream\":\"s\"}}}");
  }

  @Test
  void inTheHostsNetworkAContainersPortsAreTheHosts() throws Exception {
    int port;
    try (ServerSocket probe = new ServerSocket(0)) {
      port = probe.getLocalPort();
    }
    Container app =
        container("host", "ls /sys/class/net; exec nc -l -p " + port + " -e echo hello").toBuilder()
            .portMappings(
                List.of(
                    PortMapping.builder()
                        .containerPort(port)
                        .hostPort(port)
                        .protocol("tcp")
                        .build()))
            .build();
    try (Agent agent = rig.agent(Duration.ZERO)) {
      rig.control.payload(AgentRig.next(rig.control.acs), task("host", app));
      ContainerStateChange running = AgentRig.entry(rig.report("RUNNING"));
      List<NetworkBinding> bindings = Objects.requireNonNull(running.networkBindings());
      assertThat(bindings)
          .singleElement()
          .satisfies(binding -> {
            assertThat(binding.hostPort()).isEqualTo(port);
            assertThat(binding.containerPort()).isEqualTo(port);
            assertThat(binding.protocol()).isEqualTo("tcp");
          });
      String heard = "";
      while (heard.isEmpty()) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
          heard =
              new String(
                  socket.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        } catch (java.net.ConnectException notYet) {
          Thread.onSpinWait();
        }
      }
      assertThat(heard.strip()).isEqualTo("hello");
      assertThat(AgentRig.entry(rig.report("STOPPED")).exitCode()).isZero();
      assertThat(agent.awaitEmpty(AgentRig.PATIENCE)).isTrue();
      assertThat(rig.control.logged())
          .as("the host's own devices")
          .containsAll(
              NetworkInterface.networkInterfaces().map(NetworkInterface::getName).toList());
    }
  }

  @Test
  void withoutANetworkThereIsOnlyTheLoopback() throws Exception {
    try (Agent agent = rig.agent(Duration.ZERO)) {
      rig.control.payload(
          AgentRig.next(rig.control.acs),
          task("none", container("none", "cut -d: -f1 -s /proc/net/dev")));
      ContainerStateChange ended = AgentRig.entry(rig.report("STOPPED"));
      assertThat(ended.exitCode()).isZero();
      assertThat(ended.networkBindings()).isNull();
      assertThat(agent.awaitEmpty(AgentRig.PATIENCE)).isTrue();
      assertThat(rig.control.logged()).extracting(String::strip).containsExactly("lo");
    }
  }
}
