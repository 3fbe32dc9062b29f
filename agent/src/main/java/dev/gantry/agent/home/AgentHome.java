package dev.gantry.agent.home;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One agent's files: `instance.json`, and `tasks/<name>.json` for each task.
///
/// A file is written beside its place, synced, and renamed over it, and the directory is synced: a
/// reader, also one after a power cut, finds the old text or the new one. Files hold tasks'
/// environments and so their secrets: directories are 0700 and files 0600 where the file system
/// knows such things. The home is locked by the operating system while it is open.
///
/// Different files may be saved from different threads at once; one file is saved by one thread at
/// a time.
public final class AgentHome implements AutoCloseable {
  /// More task files than this are not read.
  public static final int MAX_TASKS = 20_000;

  /// A longer file is not one of ours; it reads as empty, which its reader finds to be corrupt.
  public static final long MAX_FILE_BYTES = 8 << 20;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9-]{1,128}");
  private static final String INSTANCE = "instance.json";
  private static final String ENDING = ".json";
  private static final String UNFINISHED = ".unfinished";

  private final Path directory;
  private final Path tasks;
  private final Path quarantine;
  private final FileChannel lockFile;
  private final FileLock lock;

  private AgentHome(Path directory, FileChannel lockFile, FileLock lock) {
    this.directory = directory;
    this.tasks = directory.resolve("tasks");
    this.quarantine = directory.resolve("quarantine");
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /// What was saved.
  ///
  /// @param instance null if there is none
  /// @param tasks by name
  public record Saved(@Nullable String instance, SortedMap<String, String> tasks) {
    @Override
    public String toString() {
      return "Saved[tasks=" + tasks.keySet() + "]";
    }
  }

  /// Opens a home, and makes it when it is missing.
  ///
  /// @throws HomeInUseException if another agent has it open
  public static AgentHome open(Path directory) throws IOException {
    makeDirectory(directory);
    makeDirectory(directory.resolve("tasks"));
    makeDirectory(directory.resolve("quarantine"));
    FileChannel channel =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
      if (lock == null) {
        throw new HomeInUseException(directory);
      }
      return new AgentHome(directory, channel, lock);
    } catch (OverlappingFileLockException _) {
      throw new HomeInUseException(directory);
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
  }

  /// The home belongs to an agent that runs.
  public static final class HomeInUseException extends IOException {
    private static final long serialVersionUID = 1L;

    HomeInUseException(Path directory) {
      super("another agent is using " + directory);
    }
  }

  /// Reads everything, and clears away what a fall left unfinished.
  public Saved load() throws IOException {
    Path instance = directory.resolve(INSTANCE);
    Files.deleteIfExists(unfinished(instance));
    SortedMap<String, String> texts = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(tasks)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (name.endsWith(UNFINISHED)) {
          Files.deleteIfExists(file);
        } else if (name.endsWith(ENDING)) {
          if (texts.size() == MAX_TASKS) {
            throw new IOException("more than " + MAX_TASKS + " task files in " + tasks);
          }
          texts.put(name.substring(0, name.length() - ENDING.length()), read(file));
        }
      }
    }
    return new Saved(Files.exists(instance) ? read(instance) : null, texts);
  }

  /// Replaces the instance file; durable on return.
  public void saveInstance(String text) throws IOException {
    replace(directory.resolve(INSTANCE), text);
  }

  /// Replaces one task's file; durable on return.
  ///
  /// @param name letters, digits and hyphens
  public void saveTask(String name, String text) throws IOException {
    replace(taskFile(name), text);
  }

  /// Deletes one task's file, if it is there; durable on return.
  public void deleteTask(String name) throws IOException {
    if (Files.deleteIfExists(taskFile(name))) {
      sync(tasks);
    }
  }

  /// Moves a file that cannot be read to `quarantine/`, beside what was put there before.
  ///
  /// @param name a task's file as [#load] named it, or null for the instance file
  public void quarantine(@Nullable String name) throws IOException {
    Path file = name == null ? directory.resolve(INSTANCE) : tasks.resolve(name + ENDING);
    if (!file.normalize().startsWith(directory)) {
      throw new IOException("not a file of this home: " + name);
    }
    int number = 1;
    Path target;
    do {
      target = quarantine.resolve(file.getFileName() + "." + number);
      number++;
    } while (Files.exists(target, LinkOption.NOFOLLOW_LINKS));
    Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
    sync(quarantine);
    sync(name == null ? directory : tasks);
  }

  /// Lets the home go; its files stay.
  @Override
  public void close() throws IOException {
    lock.release();
    lockFile.close();
  }

  private Path taskFile(String name) throws IOException {
    if (!NAME.matcher(name).matches()) {
      throw new IOException("not a name for a task file: " + name);
    }
    return tasks.resolve(name + ENDING);
  }

  private static String read(Path file) throws IOException {
    if (Files.size(file) > MAX_FILE_BYTES) {
      return "";
    }
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }

  private static Path unfinished(Path file) {
    return file.resolveSibling(file.getFileName() + UNFINISHED);
  }

  private static void replace(Path file, String text) throws IOException {
    Path unfinished = unfinished(file);
    Files.deleteIfExists(unfinished);
    makeFile(unfinished);
    try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(
        unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    sync(file.toAbsolutePath().getParent());
  }

  /// Makes a rename or a deletion in this directory durable.
  private static void sync(@Nullable Path directory) throws IOException {
    if (directory == null) {
      return;
    }
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static boolean posix(Path path) throws IOException {
    return Files.getFileStore(path).supportsFileAttributeView(PosixFileAttributeView.class);
  }

  private static void makeFile(Path file) throws IOException {
    if (posix(parent(file))) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } else {
      Files.createFile(file);
    }
  }

  private static void makeDirectory(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    Files.createDirectories(parent(directory));
    if (posix(parent(directory))) {
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } else {
      Files.createDirectory(directory);
    }
  }

  private static Path parent(Path path) throws IOException {
    Path parent = path.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IOException("no parent of " + path);
    }
    return parent;
  }
}
