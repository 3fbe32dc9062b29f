package dev.gantry.engine;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds programs of the system.
final class Programs {

  /// Looked at after PATH: a user's PATH often lacks them, and so does that of cron and CI.
  private static final List<String> SYSTEM_PLACES =
      List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

  private Programs() {}

  /// The program of that name, or null.
  static @Nullable Path find(String name) {
    List<String> places = new ArrayList<>();
    String path = System.getenv("PATH");
    if (path != null) {
      places.addAll(List.of(path.split(File.pathSeparator, -1)));
    }
    places.addAll(SYSTEM_PLACES);
    for (String place : places) {
      Path candidate = Path.of(place.isEmpty() ? "." : place, name);
      if (Files.isExecutable(candidate) && !Files.isDirectory(candidate)) {
        return candidate;
      }
    }
    return null;
  }
}
