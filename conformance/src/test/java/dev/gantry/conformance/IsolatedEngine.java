package dev.gantry.conformance;

import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.docker.DockerConfig;
import dev.gantry.agent.docker.DockerContainerRuntime;
import dev.gantry.agent.docker.DockerEndpoint;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/// A Docker Engine of a test's own, in its own network, pid and mount namespaces, reached by its
/// socket alone: it may be killed, and what it runs is nobody else's. Containers outlive the daemon
/// (`--live-restore`), as a daemon's crash would end them otherwise and nothing could be learned.
///
/// Closing it ends its first process, and with it everything in its namespaces.
final class IsolatedEngine implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(1);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

  /// Nothing of it lives longer, even if the tests are killed.
  private static final Duration LIFETIME = Duration.ofHours(2);

  private static final int MOST_ENDS = 50;
  private static final int LAST_LINES = 30;

  private final Path root;
  private final Process holder;
  private final long init;
  private final DockerEndpoint endpoint;
  private final DockerContainerRuntime probe;
  private Process daemon;

  private IsolatedEngine(Path root, Process holder, long init) throws IOException {
    this.root = root;
    this.holder = holder;
    this.init = init;
    this.endpoint = DockerEndpoint.parse(host(), "the test");
    this.probe = new DockerContainerRuntime(endpoint, DockerConfig.of(Map.of(), root));
    this.daemon = launch();
  }

  /// Starts one, or skips the test where that is not possible.
  static IsolatedEngine start() throws IOException, InterruptedException {
    boolean possible =
        System.getProperty("os.name", "").equals("Linux")
            && System.getProperty("user.name", "").equals("root")
            && Stream.of("unshare", "nsenter", "dockerd", "ip").allMatch(IsolatedEngine::isThere);
    Assumptions.assumeTrue(
        possible, "needs Linux, root, unshare, nsenter, ip and dockerd for an engine of its own");
    Path root = Files.createTempDirectory("gantry-engine-");
    // The first process of a pid namespace must wait for orphans, or they stay as zombies: a shell.
    Process holder =
        new ProcessBuilder(
                "unshare",
                "--net",
                "--mount",
                "--pid",
                "--fork",
                "--kill-child",
                "--mount-proc",
                "sh",
                "-c",
                "ip link set lo up; for i in $(seq " + LIFETIME.toSeconds() + "); do sleep 1; done")
            .redirectErrorStream(true)
            .redirectOutput(root.resolve("holder.log").toFile())
            .start();
    long init = firstChild(holder);
    IsolatedEngine engine = new IsolatedEngine(root, holder, init);
    try {
      engine.awaitReady();
    } catch (AssertionError e) {
      engine.close();
      throw e;
    }
    return engine;
  }

  private static boolean isThere(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  private static long firstChild(Process process) throws InterruptedException {
    long end = System.nanoTime() + START_LIMIT.toNanos();
    while (System.nanoTime() < end) {
      List<ProcessHandle> children = process.children().toList();
      if (!children.isEmpty()) {
        return children.getFirst().pid();
      }
      if (!process.isAlive()) {
        break;
      }
      Thread.sleep(BETWEEN_LOOKS);
    }
    throw new AssertionError("unshare made no namespaces");
  }

  private Process launch() throws IOException {
    // A daemon that was killed leaves it behind, and its pid may be somebody else's by now.
    Files.deleteIfExists(root.resolve("dockerd.pid"));
    List<String> command =
        new ArrayList<>(List.of("nsenter", "-t", Long.toString(init), "-n", "-m", "-p", "--"));
    command.addAll(List.of("dockerd", "--live-restore", "-H", host()));
    command.addAll(List.of("--data-root", root.resolve("data").toString()));
    command.addAll(List.of("--exec-root", root.resolve("exec").toString()));
    command.addAll(List.of("--pidfile", root.resolve("dockerd.pid").toString()));
    command.addAll(List.of("--config-file", root.resolve("none.json").toString()));
    command.addAll(List.of("--cgroup-parent", "/" + root.getFileName()));
    Files.writeString(root.resolve("none.json"), "{}");
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(root.resolve("dockerd.log").toFile()))
        .start();
  }

  /// What `DOCKER_HOST` says.
  String host() {
    return "unix://" + root.resolve("docker.sock");
  }

  /// The environment of a program that is to use it.
  Map<String, String> environment() {
    return Map.of("DOCKER_HOST", host());
  }

  /// What a server on this port of the engine's own network says.
  String heard(int port) throws IOException, InterruptedException {
    Process client =
        new ProcessBuilder(
                "nsenter",
                "-t",
                Long.toString(init),
                "-n",
                "busybox",
                "nc",
                "-w",
                "10",
                "127.0.0.1",
                Integer.toString(port))
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .start();
    String heard = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    client.waitFor();
    return heard;
  }

  /// Asks it beside Gantry; for the caller to close.
  Engine open() {
    return Engine.open(endpoint);
  }

  /// `kill -9` of the daemon; containers go on.
  void kill() {
    // nsenter's child is the daemon; nsenter ends when it does.
    daemon.descendants().forEach(ProcessHandle::destroyForcibly);
    daemon.destroyForcibly();
    daemon.onExit().join();
  }

  /// Starts the daemon again, and does not wait.
  void begin() throws IOException {
    daemon = launch();
  }

  /// Waits until the daemon answers.
  void awaitReady() throws IOException, InterruptedException {
    long end = System.nanoTime() + START_LIMIT.toNanos();
    while (true) {
      try {
        probe.ping();
        return;
      } catch (RuntimeFailure e) {
        if (!daemon.isAlive() || System.nanoTime() > end) {
          throw new AssertionError("dockerd does not start: " + String.join("\n", lastWords()), e);
        }
        Thread.sleep(BETWEEN_LOOKS);
      }
    }
  }

  /// The host's processes of a container, whatever the daemon says of it.
  List<String> processes(String container) throws IOException {
    Path group = Path.of("/sys/fs/cgroup/pids", String.valueOf(root.getFileName()), container);
    try {
      return Files.readAllLines(group.resolve("cgroup.procs"));
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  /// The end of the daemon's log.
  List<String> lastWords() throws IOException {
    List<String> lines = Files.readAllLines(root.resolve("dockerd.log"));
    return lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size());
  }

  @Override
  public void close() throws IOException {
    probe.close();
    List<ProcessHandle> all = Stream.concat(daemon.descendants(), holder.descendants()).toList();
    holder.destroyForcibly();
    all.forEach(ProcessHandle::destroyForcibly);
    daemon.destroyForcibly();
    all.forEach(each -> each.onExit().join());
    holder.onExit().join();
    daemon.onExit().join();
    removeCgroups();
    removeFiles();
  }

  /// Empty groups that containers leave behind when nobody tidies up after them.
  private void removeCgroups() throws IOException {
    try (Stream<Path> hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
      for (Path hierarchy : hierarchies.toList()) {
        Path mine = hierarchy.resolve(String.valueOf(root.getFileName()));
        if (Files.isDirectory(mine)) {
          try (Stream<Path> groups = Files.walk(mine)) {
            groups
                .filter(Files::isDirectory)
                .sorted(Comparator.reverseOrder())
                .forEach(IsolatedEngine::removeQuietly);
          }
        }
      }
    }
  }

  private static void removeQuietly(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException _) {
      // A process of it is still on its way out; an empty group costs nothing.
    }
  }

  /// The kernel lets go of the mounts a moment after the last process.
  private void removeFiles() throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        GantryProcess.delete(root);
        return;
      } catch (IOException e) {
        if (attempt == MOST_ENDS) {
          throw e;
        }
      }
      try {
        Thread.sleep(BETWEEN_LOOKS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted; " + root + " is left behind", e);
      }
    }
  }
}
