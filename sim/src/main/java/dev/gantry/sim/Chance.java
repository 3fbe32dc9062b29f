package dev.gantry.sim;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/// The chance of one concern. Every concern has its own, made of the one seed and its name, so that
/// one more draw in the engine does not change what the network does.
final class Chance {
  /// A sluggish thing is this many times slower than an ordinary one.
  private static final int SLUGGISH = 20;

  private final SplittableRandom random;

  private Chance(SplittableRandom random) {
    this.random = random;
  }

  /// @param seed of the run
  /// @param concern its name, as `network`
  static Chance of(long seed, String concern) {
    long mixed = seed;
    for (int i = 0; i < concern.length(); i++) {
      mixed = (mixed ^ concern.charAt(i)) * 0x100_0000_01b3L;
    }
    return new Chance(new SplittableRandom(mixed));
  }

  /// For a part of Gantry that draws its own.
  RandomGenerator generator() {
    return random.split();
  }

  /// True once in `n` times; never if `n` is 0.
  boolean oneIn(int n) {
    return n > 0 && random.nextInt(n) == 0;
  }

  /// From 0 to below `bound`.
  int below(int bound) {
    return random.nextInt(bound);
  }

  /// From `least` to `most`, both included.
  int between(int least, int most) {
    return random.nextInt(least, most + 1);
  }

  /// From `least` to `most`.
  Duration between(Duration least, Duration most) {
    return Duration.ofNanos(random.nextLong(least.toNanos(), most.toNanos() + 1));
  }

  /// How long something takes that mostly takes about `usual`: from half of it to twice as long,
  /// and now and then much longer.
  Duration about(Duration usual) {
    Duration ordinary = between(usual.dividedBy(2), usual.multipliedBy(2));
    return oneIn(50) ? ordinary.multipliedBy(between(2, SLUGGISH)) : ordinary;
  }

  /// One of these.
  <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }
}
