package dev.gantry.engine;

import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.docker.DockerContainerRuntime;
import dev.gantry.agent.docker.ImageMaker;
import dev.gantry.home.DataDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The examples' image, `gantry-hello:1`: a busybox under a name of our own. It comes from no
/// registry, so that the first steps need none.
///
/// It is made of the first of these that is to be had: an image `busybox` in the engine; the host's
/// own statically linked busybox; `busybox` pulled; Debian's package `busybox-static`, unpacked but
/// not installed. What needs no network comes first.
public final class HelloImage {

  /// The image's name.
  public static final String NAME = "gantry-hello:1";

  private static final String BUSYBOX = "busybox";
  private static final Duration PULL_LIMIT = Duration.ofSeconds(30);
  private static final Duration DOWNLOAD_LIMIT = Duration.ofSeconds(60);
  private static final List<String> HOST_NAMES =
      List.of("busybox", "busybox.static", "busybox-static");

  private final DockerContainerRuntime engine;
  private final DataDirectory data;
  private final Consumer<String> progress;

  /// @param data where downloads are unpacked and logged
  public HelloImage(DockerContainerRuntime engine, DataDirectory data, Consumer<String> progress) {
    this.engine = engine;
    this.data = data;
    this.progress = progress;
  }

  /// Makes the image if the engine does not have it.
  ///
  /// @param mayFetch false: only of what is on this machine already, and in silence
  /// @return whether the engine has it now
  public boolean ensure(boolean mayFetch) throws IOException, InterruptedException {
    try {
      if (engine.inspectImage(NAME) != null) {
        return true;
      }
      if (engine.inspectImage(BUSYBOX) != null) {
        engine.tagImage(BUSYBOX, NAME);
        return made("the image busybox");
      }
      for (String name : HOST_NAMES) {
        Path binary = Programs.find(name);
        if (binary != null && sameProcessor() && load(binary)) {
          return made(binary.toString());
        }
      }
      if (!mayFetch) {
        return false;
      }
      progress.accept("pulling busybox, to make the example image " + NAME + " of it");
      RuntimeFailure refused = pull();
      if (refused == null) {
        engine.tagImage(BUSYBOX, NAME);
        return made("the image busybox");
      }
      progress.accept("  that failed: " + refused.getMessage());
      return loadDebianPackage();
    } catch (RuntimeFailure failure) {
      progress.accept("could not make the image " + NAME + ": " + failure.getMessage());
      return false;
    }
  }

  private boolean made(String source) {
    progress.accept("made the example image " + NAME + " of " + source);
    return true;
  }

  private boolean sameProcessor() throws RuntimeFailure {
    String ours = System.getProperty("os.arch", "");
    String theirs = engine.info().architecture();
    return System.getProperty("os.name", "").equals("Linux")
        && Map.of("amd64", "x86_64", "aarch64", "aarch64").getOrDefault(ours, "").equals(theirs);
  }

  /// Loads a binary, or answers false if it is none that an image can be made of.
  private boolean load(Path binary) throws IOException, RuntimeFailure {
    byte[] archive;
    try {
      archive = ImageMaker.busyboxArchive(Files.readAllBytes(binary), NAME, new TreeMap<>());
    } catch (IllegalArgumentException notUsable) {
      return false;
    }
    engine.loadImage(archive);
    return true;
  }

  /// Pulls, but not for as long as the engine would: without a network that can be minutes.
  private @Nullable RuntimeFailure pull() throws InterruptedException {
    AtomicReference<@Nullable RuntimeFailure> failure = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(1);
    Thread thread =
        Thread.startVirtualThread(() -> {
          try {
            engine.pullImage(BUSYBOX);
          } catch (RuntimeFailure refused) {
            failure.set(refused);
          } finally {
            done.countDown();
          }
        });
    if (!done.await(PULL_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      thread.interrupt();
      return new RuntimeFailure(
          RuntimeFailure.Kind.TIMEOUT, "no image in " + PULL_LIMIT.toSeconds() + " s", null);
    }
    return failure.get();
  }

  private boolean loadDebianPackage() throws IOException, InterruptedException, RuntimeFailure {
    if (Programs.find("apt-get") == null || Programs.find("dpkg-deb") == null) {
      return false;
    }
    progress.accept("unpacking Debian's package busybox-static, without installing it");
    data.createDirectory(DetachedDaemon.DIRECTORY);
    Path directory = data.createDirectory(DetachedDaemon.DIRECTORY + "/busybox");
    Path log = data.resolve(DetachedDaemon.DIRECTORY).resolve("busybox.log");
    int code =
        LoggedCommand.run(
            List.of(
                "sh",
                "-c",
                "cd \"$1\" && rm -f *.deb"
                    + " && { apt-get -q download busybox-static"
                    + " || { apt-get -q update; apt-get -q download busybox-static; }; }"
                    + " && dpkg-deb -x ./*.deb .",
                "sh",
                directory.toString()),
            Map.of("DEBIAN_FRONTEND", "noninteractive"),
            "downloading busybox-static",
            log,
            DOWNLOAD_LIMIT,
            progress);
    if (code != 0) {
      progress.accept("  that failed too; the log is " + log);
      return false;
    }
    for (String place : List.of("bin/busybox", "usr/bin/busybox")) {
      Path binary = directory.resolve(place);
      if (Files.exists(binary) && load(binary)) {
        deleteTree(directory);
        return made("Debian's package busybox-static");
      }
    }
    return false;
  }

  private static void deleteTree(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }
}
