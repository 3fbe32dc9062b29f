package dev.gantry.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// What Linux counts of a process, from proc(5).
final class ProcessFigures {
  /// USER_HZ, which is 100 on every Linux that has /proc.
  private static final double TICKS_PER_SECOND = 100;

  private ProcessFigures() {}

  /// The processor time that a process has taken so far, its own and the kernel's for it.
  static long ticks(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    // The second field, a name in parentheses, may hold blanks; utime and stime are fields 14, 15.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  /// That time as a share of one processor.
  static double percent(long ticks, Duration time) {
    return ticks / TICKS_PER_SECOND / (time.toMillis() / 1e3) * 100;
  }
}
