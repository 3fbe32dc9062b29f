package dev.gantry.control;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/// Draws new ids, and lots, from a source of chance that was handed in, so that a simulation draws
/// the same ones again.
public final class Ids {
  private final RandomGenerator chance;

  /// @param chance unpredictable in production, seeded in a simulation
  public Ids(RandomGenerator chance) {
    this.chance = chance;
  }

  /// 32 hexadecimal digits, the form of task and container instance ids.
  public String hex() {
    return hex(16);
  }

  /// 64 hexadecimal digits: what nobody can guess, as a token.
  public String secret() {
    return hex(32);
  }

  /// A UUID of version 4, the form of container and message ids.
  public String uuid() {
    byte[] bytes = new byte[16];
    chance.nextBytes(bytes);
    bytes[6] = (byte) ((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (byte) ((bytes[8] & 0x3f) | 0x80);
    String digits = HexFormat.of().formatHex(bytes);
    return digits.substring(0, 8)
        + "-"
        + digits.substring(8, 12)
        + "-"
        + digits.substring(12, 16)
        + "-"
        + digits.substring(16, 20)
        + "-"
        + digits.substring(20);
  }

  /// A number from 0 up to, and without, a bound.
  public int below(int bound) {
    return chance.nextInt(bound);
  }

  private String hex(int bytes) {
    byte[] drawn = new byte[bytes];
    chance.nextBytes(drawn);
    return HexFormat.of().formatHex(drawn);
  }
}
