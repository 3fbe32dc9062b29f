package dev.gantry.home;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What a running Gantry leaves in its data directory for the other commands: where it listens and
/// which process it is. Worth believing only while the [InstanceLock] is held.
///
/// @param endpoint where it answers, as a client on this host reaches it
/// @param pid the process that runs it
public record RunningInstance(URI endpoint, long pid) {

  /// The file that holds the endpoint's URL. It stays after the process ends, so that `gantry env`
  /// still knows what to export.
  public static final String ENDPOINT_FILE = "endpoint";

  private static final String PID_FILE = "pid";

  /// Notes this process as the one that runs `data`. The caller holds the lock.
  public static void note(DataDirectory data, URI endpoint) throws IOException {
    data.write(PID_FILE, ProcessHandle.current().pid() + "\n");
    data.write(ENDPOINT_FILE, endpoint + "\n");
  }

  /// Withdraws the note. The caller still holds the lock.
  public static void withdraw(DataDirectory data) throws IOException {
    data.remove(PID_FILE);
  }

  /// The Gantry that runs this data directory now, or null if none does or it is still starting.
  public static @Nullable RunningInstance find(DataDirectory data) throws IOException {
    if (!data.exists() || !InstanceLock.isHeld(data)) {
      return null;
    }
    URI endpoint = lastEndpoint(data);
    String pid = data.read(PID_FILE);
    if (endpoint == null || pid == null) {
      return null;
    }
    try {
      return new RunningInstance(endpoint, Long.parseLong(pid.strip()));
    } catch (NumberFormatException malformed) {
      throw new IOException(data.resolve(PID_FILE) + " holds no process id", malformed);
    }
  }

  /// When the running Gantry noted itself, which it does once it is up.
  public static Instant since(DataDirectory data) throws IOException {
    return Files.getLastModifiedTime(data.resolve(PID_FILE)).toInstant();
  }

  /// Where this installation listened when it last ran, or null if it never did.
  public static @Nullable URI lastEndpoint(DataDirectory data) throws IOException {
    String text = data.read(ENDPOINT_FILE);
    return text == null ? null : URI.create(text.strip());
  }
}
