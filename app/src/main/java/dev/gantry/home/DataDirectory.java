package dev.gantry.home;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One installation of Gantry on disk: everything it remembers lies under this directory, which
/// only its owner may enter (mode 0700; files 0600).
///
/// The directory *is* the installation: it is locked by the process that runs it ([InstanceLock]),
/// it holds the id that every container of the installation bears as a label, and removing it
/// forgets everything.
///
/// @param root the directory, absolute; it need not exist before [#create]
public record DataDirectory(Path root) {

  /// Files here are small and written by us; a larger one is not ours.
  private static final int MAX_SMALL_FILE_BYTES = 64 * 1024;

  private static final FileAttribute<?> OWNER_ONLY_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final FileAttribute<?> OWNER_ONLY_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  public DataDirectory {
    root = root.toAbsolutePath().normalize();
  }

  /// Which directory is meant: the `--data` option, else `GANTRY_DATA`, else
  /// `$XDG_STATE_HOME/gantry`, else `~/.local/state/gantry`.
  ///
  /// An empty variable counts as unset, and a relative `XDG_STATE_HOME` is ignored, as the XDG Base
  /// Directory Specification demands.
  ///
  /// @param option the value of `--data`, or null
  /// @param environment the process's environment
  /// @param userHome the user's home directory
  public static DataDirectory resolve(
      @Nullable Path option, Map<String, String> environment, Path userHome) {
    if (option != null) {
      return new DataDirectory(option);
    }
    String named = environment.getOrDefault("GANTRY_DATA", "");
    if (!named.isEmpty()) {
      return new DataDirectory(Path.of(named));
    }
    String state = environment.getOrDefault("XDG_STATE_HOME", "");
    if (!state.isEmpty() && Path.of(state).isAbsolute()) {
      return new DataDirectory(Path.of(state, "gantry"));
    }
    return new DataDirectory(userHome.resolve(".local").resolve("state").resolve("gantry"));
  }

  /// Makes the directory where it is missing, and closes it to everybody else.
  ///
  /// @throws IOException if it cannot be made, is no directory, or belongs to somebody else
  public void create() throws IOException {
    createOwnerOnly(root);
  }

  /// A directory inside this one, made where it is missing.
  public Path createDirectory(String name) throws IOException {
    Path directory = root.resolve(name);
    createOwnerOnly(directory);
    return directory;
  }

  private static void createOwnerOnly(Path directory) throws IOException {
    Path parent = directory.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    try {
      Files.createDirectory(directory, OWNER_ONLY_DIRECTORY);
    } catch (FileAlreadyExistsException exists) {
      if (!Files.isDirectory(directory)) {
        NotDirectoryException notADirectory = new NotDirectoryException(directory.toString());
        notADirectory.addSuppressed(exists);
        throw notADirectory;
      }
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    }
  }

  /// The text of a small file in this directory, or null if there is none.
  ///
  /// @throws IOException if it cannot be read, or is larger than anything Gantry writes
  public @Nullable String read(String name) throws IOException {
    Path file = root.resolve(name);
    try {
      if (Files.size(file) > MAX_SMALL_FILE_BYTES) {
        throw new IOException(file + " is larger than anything Gantry writes there");
      }
      return Files.readString(file);
    } catch (NoSuchFileException absent) {
      return null;
    }
  }

  /// Writes a small file so that a reader sees either the old text or the new one, and nobody but
  /// the owner sees any.
  public void write(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Path fresh = root.resolve(name + "." + ProcessHandle.current().pid() + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(fresh, OWNER_ONLY_FILE);
    Files.write(fresh, text.getBytes(StandardCharsets.UTF_8), StandardOpenOption.WRITE);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /// Removes a file in this directory; removing one that is not there changes nothing.
  public void remove(String name) throws IOException {
    Files.deleteIfExists(root.resolve(name));
  }

  /// Whether the directory is there at all. Commands that only look never create it.
  public boolean exists() {
    return Files.isDirectory(root);
  }

  /// A file or directory in this directory.
  public Path resolve(String name) {
    return root.resolve(name);
  }

  @Override
  public String toString() {
    return root.toString();
  }
}
