package dev.gantry.engine;

import dev.gantry.home.DataDirectory;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// The `dockerd` that Gantry started itself because no service manager runs on this host.
///
/// It outlives the Gantry that started it. Its log and a record of its identity lie in the data
/// directory; the record holds the boot's id and the process's start time beside the pid, so that a
/// pid that was given to another process later is never taken for it.
final class DetachedDaemon {

  /// The directory, inside the data directory, of its log and record.
  static final String DIRECTORY = "engine";

  private static final String RECORD = DIRECTORY + "/dockerd.pid";
  private static final String LOG = "dockerd.log";

  /// dockerd itself gives containers 15 s to stop.
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

  /// Where dockerd notes its own pid. One that a crash left behind makes the next dockerd refuse to
  /// start if the pid belongs to any living process by then.
  private static final Path PID_FILE = Path.of("/var/run/docker.pid");

  private final DataDirectory data;

  DetachedDaemon(DataDirectory data) {
    this.data = data;
  }

  /// Starts it in a session of its own, so that neither Ctrl-C nor a closed terminal reaches it.
  ///
  /// @return the process, to see whether it dies early
  Process start(Path dockerd) throws IOException {
    Path directory = data.createDirectory(DIRECTORY);
    removeStalePidFile();
    Path setsid = Programs.find("setsid");
    List<String> command =
        setsid == null
            ? List.of("nohup", dockerd.toString())
            : List.of(setsid.toString(), dockerd.toString());
    Path log = directory.resolve(LOG);
    // Made by us, so that only its owner may read it.
    data.write(DIRECTORY + "/" + LOG, "");
    Process process =
        new ProcessBuilder(command)
            .directory(new File("/"))
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    data.write(RECORD, Identity.of(process.pid()).text());
    return process;
  }

  Path log() {
    return data.resolve(DIRECTORY).resolve(LOG);
  }

  /// The living daemon that this data directory's Gantry started, or null.
  @Nullable ProcessHandle find() throws IOException {
    String text = data.exists() ? data.read(RECORD) : null;
    if (text == null) {
      return null;
    }
    Identity recorded = Identity.parse(text);
    if (recorded == null || !recorded.equals(Identity.of(recorded.pid()))) {
      return null;
    }
    return ProcessHandle.of(recorded.pid()).orElse(null);
  }

  /// Ends it and waits for that.
  ///
  /// @return false if it did not end within [#STOP_LIMIT]
  boolean stop(ProcessHandle daemon) throws IOException, InterruptedException {
    CompletableFuture<ProcessHandle> end = daemon.onExit();
    daemon.destroy();
    try {
      end.get(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      return false;
    } catch (ExecutionException impossible) {
      throw new IOException("cannot watch process " + daemon.pid(), impossible);
    }
    data.remove(RECORD);
    return true;
  }

  private static void removeStalePidFile() throws IOException {
    if (!Files.exists(PID_FILE)) {
      return;
    }
    String text = Files.readString(PID_FILE).strip();
    Optional<ProcessHandle> owner =
        text.matches("\\d{1,9}") ? ProcessHandle.of(Long.parseLong(text)) : Optional.empty();
    boolean alive =
        owner
            .flatMap(process -> process.info().command())
            .map(command -> command.endsWith("dockerd"))
            .orElse(false);
    if (!alive) {
      Files.deleteIfExists(PID_FILE);
    }
  }

  /// What tells one process from every other, also over reboots.
  ///
  /// @param pid its number
  /// @param startTicks when it started, in the kernel's ticks since boot
  /// @param boot the kernel's id of this boot
  record Identity(long pid, String startTicks, String boot) {

    /// The identity of a process as it lives now; with empty parts if there is none.
    static Identity of(long pid) throws IOException {
      Path stat = Path.of("/proc", Long.toString(pid), "stat");
      String boot = "";
      String ticks = "";
      if (Files.exists(stat)) {
        boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        ticks = startTicks(Files.readString(stat));
      }
      return new Identity(pid, ticks, boot);
    }

    /// Field 22 of proc(5)'s stat. The second field, the program's name in parentheses, may hold
    /// anything, so counting starts after the last closing one.
    static String startTicks(String stat) {
      String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" +", -1);
      return fields.length > 19 ? fields[19] : "";
    }

    String text() {
      return pid + " " + startTicks + " " + boot + "\n";
    }

    static @Nullable Identity parse(String text) {
      String[] parts = text.strip().split(" ", -1);
      if (parts.length != 3 || !parts[0].matches("\\d{1,9}") || parts[1].isEmpty()) {
        return null;
      }
      return new Identity(Long.parseLong(parts[0]), parts[1], parts[2]);
    }
  }
}
