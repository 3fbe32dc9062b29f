package dev.gantry.home;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The operating system's lock on a data directory: held by the one process that runs it, gone when
/// that process is, however it ended. Nothing is ever inferred from a pid file alone.
///
/// On Linux and macOS this is a POSIX record lock, which a process loses as soon as it closes *any*
/// descriptor of the file. So a process that holds the lock must not call [#isHeld] or
/// [#tryAcquire] on the same directory again.
public final class InstanceLock implements AutoCloseable {

  /// The file in the data directory. It stays when the lock is released: removing it would let two
  /// processes lock two files of one name.
  public static final String FILE = "lock";

  /// A mere look at the lock takes it for an instant, so one refusal proves nothing.
  private static final int ATTEMPTS = 4;

  private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(60);

  private final FileChannel channel;

  private InstanceLock(FileChannel channel) {
    this.channel = channel;
  }

  /// Takes the lock, or answers null if another process has it.
  ///
  /// @throws IOException if the directory does not exist or cannot be written
  public static @Nullable InstanceLock tryAcquire(DataDirectory data)
      throws IOException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      FileChannel channel =
          FileChannel.open(data.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (lock(channel) != null) {
        return new InstanceLock(channel);
      }
      channel.close();
      if (attempt == ATTEMPTS) {
        return null;
      }
      Thread.sleep(BETWEEN_ATTEMPTS);
    }
  }

  /// Whether a living process runs this data directory.
  public static boolean isHeld(DataDirectory data) throws IOException {
    Path file = data.resolve(FILE);
    if (!Files.exists(file)) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      return lock(channel) == null;
    }
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException heldByThisProcess) {
      return null;
    }
  }

  /// Lets go of the lock.
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
