package dev.gantry.cli;

import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.docker.DockerContainerRuntime;
import dev.gantry.engine.ContainerSweep;
import dev.gantry.home.DataDirectory;
import dev.gantry.home.InstallationId;
import dev.gantry.home.InstanceLock;
import dev.gantry.home.RootKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A Gantry for one task: a throw-away installation inside the data directory, on a free port of
/// the loopback address, gone with its containers when it is closed.
///
/// It lies inside the data directory so that `gantry down` finds what a killed one left behind.
final class PrivateInstance implements AutoCloseable {

  /// The directory, inside the data directory, of all such installations.
  static final String DIRECTORY = "run";

  private final EngineAccess engine;
  private final DataDirectory data;
  private final InstanceLock lock;
  private final InstallationId installation;
  private final ServerLauncher.Running running;
  private final RootKey key;

  private PrivateInstance(
      EngineAccess engine,
      DataDirectory data,
      InstanceLock lock,
      InstallationId installation,
      ServerLauncher.Running running,
      RootKey key) {
    this.engine = engine;
    this.data = data;
    this.lock = lock;
    this.installation = installation;
    this.running = running;
    this.key = key;
  }

  /// Starts one.
  ///
  /// @param parent the data directory it lies in
  /// @param engine finds the engine its containers are removed from in the end
  /// @param cluster the cluster its agent joins
  static PrivateInstance start(
      DataDirectory parent,
      EngineAccess engine,
      ServerLauncher server,
      String cluster,
      ServerLauncher.ImagePull imagePull)
      throws IOException, InterruptedException {
    parent.create();
    parent.createDirectory(DIRECTORY);
    SecureRandom random = new SecureRandom();
    String name = DIRECTORY + "/" + ProcessHandle.current().pid() + "-" + random.nextInt(1_000_000);
    DataDirectory data = new DataDirectory(parent.createDirectory(name));
    InstanceLock lock = InstanceLock.tryAcquire(data);
    if (lock == null) {
      throw new IllegalStateException("a fresh directory is locked: " + data);
    }
    Logging.toFile(data);
    RootKey key = RootKey.readOrDraw(data, random);
    InstallationId installation = InstallationId.readOrDraw(data, random);
    ServerLauncher.Running running =
        server.start(
            new ServerLauncher.Settings(
                data,
                key,
                installation,
                InetAddress.getLoopbackAddress(),
                0,
                ServerLauncher.Authentication.SIGV4,
                true,
                List.of(cluster),
                new ServerLauncher.Images(imagePull, false),
                Map.of(),
                ServerLauncher.Limits.DEFAULTS));
    return new PrivateInstance(engine, data, lock, installation, running, key);
  }

  URI endpoint() {
    return running.endpoint();
  }

  RootKey key() {
    return key;
  }

  /// Stops it, removes its containers and forgets it. What should still run is killed: whoever
  /// wanted its end to be orderly has stopped the task before.
  @Override
  public void close() throws IOException {
    running.stop(Duration.ZERO);
    sweep(engine, installation, Duration.ZERO);
    delete(data.root());
    lock.close();
  }

  /// Removes what private installations left that nobody runs any more.
  ///
  /// @return the directories of those that still run
  static List<Path> clean(DataDirectory parent, EngineAccess engine) throws IOException {
    List<Path> alive = new ArrayList<>();
    Path directory = parent.resolve(DIRECTORY);
    if (!Files.isDirectory(directory)) {
      return alive;
    }
    List<Path> all;
    try (Stream<Path> entries = Files.list(directory)) {
      all = entries.filter(Files::isDirectory).sorted().toList();
    }
    for (Path one : all) {
      DataDirectory data = new DataDirectory(one);
      if (InstanceLock.isHeld(data)) {
        alive.add(one);
        continue;
      }
      InstallationId left = InstallationId.read(data);
      if (left != null) {
        sweep(engine, left, ContainerSweep.STOP_GRACE);
      }
      delete(one);
    }
    return alive;
  }

  private static void sweep(EngineAccess access, InstallationId installation, Duration grace)
      throws IOException {
    try (DockerContainerRuntime engine = access.open()) {
      if (engine != null) {
        new ContainerSweep(engine, installation).removeAll(grace);
      }
    } catch (RuntimeFailure failure) {
      throw new IOException("could not remove every container: " + failure.getMessage(), failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while removing containers", interrupted);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (NoSuchFileException gone) {
      return;
    }
  }
}
