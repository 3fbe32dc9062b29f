package dev.gantry.bench;

import java.util.Arrays;

/// Times of one thing that was done many times, in nanoseconds.
final class Figures {
  private static final double NANOS_PER_MILLI = 1e6;

  private long[] nanos = new long[64];
  private int count;

  void add(long elapsed) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, count * 2);
    }
    nanos[count++] = elapsed;
  }

  int count() {
    return count;
  }

  double medianMillis() {
    return percentileMillis(50);
  }

  /// The smallest time that at least so many of a hundred did not exceed.
  double percentileMillis(int percent) {
    if (count == 0) {
      throw new IllegalStateException("nothing was measured");
    }
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    int rank = (int) Math.ceil(count * percent / 100.0);
    return sorted[Math.max(1, rank) - 1] / NANOS_PER_MILLI;
  }
}
