package dev.gantry.conformance;

import dev.gantry.agent.ContainerRuntime.ContainerStatus;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.docker.DockerConfig;
import dev.gantry.agent.docker.DockerContainerRuntime;
import dev.gantry.agent.docker.DockerEndpoint;
import dev.gantry.agent.docker.ImageMaker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/// A second host on this machine: a network namespace with a Docker Engine of its own, joined to us
/// by one cable. The engine shares nothing with the machine's own but the kernel, and can be killed
/// and started again. Closing it removes all of it.
///
/// Needs root, iproute2 and dockerd on Linux; without them the test is skipped and says so.
final class OtherHost implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final String name;
  private final String net;
  private final Path directory;
  private final List<String> engineOptions;
  private final DockerContainerRuntime runtime;
  private final Thread lastResort = new Thread(this::abandon);
  private @Nullable Process dockerd;

  private OtherHost(String name, String net, Path directory, List<String> engineOptions) {
    this.name = name;
    this.net = net;
    this.directory = directory;
    this.engineOptions = engineOptions;
    this.runtime = new DockerContainerRuntime(endpoint(), new DockerConfig(Path.of("/nowhere")));
    Runtime.getRuntime().addShutdownHook(lastResort);
  }

  /// Makes the host, starts its engine and gives that the tests' image.
  ///
  /// @param engineOptions further options of dockerd
  static OtherHost start(String... engineOptions) throws Exception {
    Assumptions.assumeTrue(
        System.getProperty("user.name", "").equals("root")
            && Files.isExecutable(Path.of("/usr/bin/nsenter"))
            && run("ip", "netns", "list") == 0
            && run("dockerd", "--version") == 0,
        "needs root, iproute2, nsenter and dockerd");
    String id = UUID.randomUUID().toString().substring(0, 8);
    // A small network of its own among those kept for benchmarks, which nobody routes.
    int third = Integer.parseInt(id.substring(0, 2), 16);
    int fourth = Integer.parseInt(id.substring(2, 4), 16) & 0xFC;
    OtherHost host =
        new OtherHost(
            "gantry-" + id,
            "198.18." + third + "." + fourth,
            Files.createTempDirectory("gantry-host-"),
            List.of(engineOptions));
    try {
      host.plugIn();
      host.startEngine();
      host.loadImage();
      return host;
    } catch (AssertionError | Exception e) {
      host.close();
      throw e;
    }
  }

  private void plugIn() throws IOException, InterruptedException {
    String cable = cable();
    must("ip", "netns", "add", name);
    must("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name);
    must("ip", "addr", "add", address(1) + "/30", "dev", cable);
    must("ip", "link", "set", cable, "up");
    must("ip", "-n", name, "addr", "add", address(2) + "/30", "dev", "eth0");
    must("ip", "-n", name, "link", "set", "eth0", "up");
    must("ip", "-n", name, "link", "set", "lo", "up");
  }

  // A device's name has 15 characters at most.
  private String cable() {
    return "gv" + name.substring("gantry-".length());
  }

  private String address(int host) {
    int dot = net.lastIndexOf('.');
    return net.substring(0, dot + 1) + (Integer.parseInt(net.substring(dot + 1)) + host);
  }

  /// Our address as the other host sees it.
  String ourAddress() {
    return address(1);
  }

  /// The other host's address as we see it.
  String address() {
    return address(2);
  }

  /// What makes a program run there, its mounts and processes shared with us.
  List<String> prefix() {
    return List.of("nsenter", "--net=/run/netns/" + name);
  }

  /// The engine's URL.
  String engineUrl() {
    return "unix://" + directory.resolve("docker.sock");
  }

  private DockerEndpoint endpoint() {
    return DockerEndpoint.parse(engineUrl(), "the test");
  }

  /// Starts the engine, the first time or again, and waits until it answers.
  void startEngine() throws Exception {
    List<String> command = new ArrayList<>(prefix());
    command.addAll(
        List.of(
            "dockerd",
            "--data-root=" + directory.resolve("data"),
            "--exec-root=" + directory.resolve("exec"),
            "--pidfile=" + directory.resolve("docker.pid"),
            "--host=" + engineUrl(),
            // Where a containerd of the system's is shared, its containers are not.
            "--containerd-namespace=" + name,
            "--containerd-plugins-namespace=" + name + "-plugins"));
    command.addAll(engineOptions);
    dockerd =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(directory.resolve("dockerd.log").toFile()))
            .start();
    Process started = dockerd;
    Eventually.see(
        "an engine in " + directory,
        () -> {
          if (!started.isAlive()) {
            throw new AssertionError("dockerd has ended:\n" + engineLog());
          }
          try {
            runtime.ping();
            return true;
          } catch (RuntimeFailure notYet) {
            return false;
          }
        },
        answers -> answers);
  }

  private String engineLog() throws IOException {
    return Files.readString(directory.resolve("dockerd.log"), StandardCharsets.UTF_8);
  }

  private void loadImage() throws IOException {
    try {
      runtime.loadImage(
          ImageMaker.busyboxArchive(
              Files.readAllBytes(Path.of("/bin/busybox")), Engine.IMAGE, new TreeMap<>()));
    } catch (RuntimeFailure e) {
      throw new AssertionError("cannot load the test image", e);
    }
  }

  /// Ends the engine as `kill -9` does, and its containerd with it; its containers are another
  /// matter.
  void killEngine() throws Exception {
    Process running = dockerd;
    if (running == null) {
      return;
    }
    running.destroyForcibly().waitFor();
    Path pidFile = directory.resolve("exec/containerd/containerd.pid");
    if (Files.exists(pidFile)) {
      String pid = Files.readString(pidFile).strip();
      Eventually.see("containerd's end", () -> isOver(pid), over -> over);
      // Where nobody reaps orphans, as in many containers, the next dockerd would take the dead one
      // for alive.
      Files.delete(pidFile);
    }
  }

  private static boolean isOver(String pid) throws IOException {
    Path stat = Path.of("/proc", pid, "stat");
    try {
      String text = Files.readString(stat);
      return text.substring(text.lastIndexOf(')')).startsWith(") Z");
    } catch (NoSuchFileException gone) {
      return true;
    }
  }

  /// The container, or null if the engine has none of this id.
  @Nullable ContainerStatus container(String id) throws RuntimeFailure {
    return runtime.inspectContainer(id);
  }

  /// Everything the engine has.
  List<ContainerStatus> containers() throws RuntimeFailure {
    return runtime.listContainers(Map.of());
  }

  @Override
  public void close() throws IOException {
    try {
      Process running = dockerd;
      if (running != null && running.isAlive()) {
        for (ContainerStatus container : containers()) {
          runtime.stopContainer(container.id(), Duration.ZERO);
          runtime.removeContainer(container.id());
        }
        running.destroy();
        if (!running.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
          running.destroyForcibly().waitFor();
        }
      }
    } catch (RuntimeFailure e) {
      System.err.println("conformance: containers of " + name + " are killed: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      runtime.close();
      tearDown();
      Runtime.getRuntime().removeShutdownHook(lastResort);
    }
  }

  /// The tests themselves were killed.
  private void abandon() {
    try {
      tearDown();
    } catch (IOException e) {
      System.err.println("conformance: " + name + " is left behind: " + e.getMessage());
    }
  }

  /// What a killed engine leaves: its containerd, shims with their containers, mounts, the network.
  private void tearDown() throws IOException {
    String ours = directory.toString();
    ProcessHandle.allProcesses()
        .filter(process -> mentions(process, ours))
        .forEach(process -> {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly();
        });
    try {
      List<String> mounts = new ArrayList<>();
      for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
        String at = line.split(" ", 3)[1];
        if (at.startsWith(ours + "/")) {
          mounts.add(at);
        }
      }
      Collections.reverse(mounts);
      for (String at : mounts) {
        run("umount", "--lazy", at);
      }
      run("ip", "link", "del", cable());
      run("ip", "netns", "del", name);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    GantryProcess.delete(directory);
  }

  /// True of this engine's own processes and of those that run in its containers.
  private static boolean mentions(ProcessHandle process, String directory) {
    try {
      Path proc = Path.of("/proc", Long.toString(process.pid()));
      String command = Files.readString(proc.resolve("cmdline"), StandardCharsets.ISO_8859_1);
      return (command.startsWith("dockerd") || command.contains("containerd"))
          && command.contains(directory);
    } catch (IOException gone) {
      return false;
    }
  }

  private static void must(String... command) throws IOException, InterruptedException {
    int code = run(command);
    if (code != 0) {
      throw new AssertionError(String.join(" ", command) + " ended with " + code);
    }
  }

  private static int run(String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor();
    } catch (IOException absent) {
      return -1;
    }
  }
}
