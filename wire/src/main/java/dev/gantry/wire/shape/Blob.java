package dev.gantry.wire.shape;

import java.util.Arrays;

/// Bytes as a value: immutable, equal by content. A plain array in a record would compare by
/// identity.
public final class Blob {
  private final byte[] bytes;

  private Blob(byte[] bytes) {
    this.bytes = bytes;
  }

  /// A copy of the given bytes.
  public static Blob of(byte[] bytes) {
    return new Blob(bytes.clone());
  }

  /// A copy of the content.
  public byte[] bytes() {
    return bytes.clone();
  }

  /// How many bytes there are.
  public int size() {
    return bytes.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Blob blob && Arrays.equals(bytes, blob.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /// The size only: what the bytes mean is not known here, and may be secret.
  @Override
  public String toString() {
    return "Blob[" + bytes.length + " bytes]";
  }
}
