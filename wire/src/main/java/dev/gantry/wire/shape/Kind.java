package dev.gantry.wire.shape;

/// What a value on the wire is, and the Java type that carries it in a generated record.
public enum Kind {
  /// Text, enums included: `String`.
  STRING,
  /// 32 bits, signed: `Integer`.
  INTEGER,
  /// 64 bits, signed: `Long`.
  LONG,
  /// `Double`.
  DOUBLE,
  /// `Float`.
  FLOAT,
  /// `Boolean`.
  BOOLEAN,
  /// A point in time: `java.time.Instant`. Milliseconds survive the wire, nothing finer does.
  TIMESTAMP,
  /// Bytes: [Blob].
  BLOB,
  /// Any JSON value, kept as text: [Document].
  DOCUMENT,
  /// `List` of one element type, without nulls.
  LIST,
  /// `Map` from text to one value type, without nulls, in the order of the wire.
  MAP,
  /// A generated record.
  STRUCTURE;

  /// Whether a bound on it is a bound of the value itself, not of its length.
  public boolean isNumber() {
    return switch (this) {
      case INTEGER, LONG, DOUBLE, FLOAT -> true;
      case STRING, BOOLEAN, TIMESTAMP, BLOB, DOCUMENT, LIST, MAP, STRUCTURE -> false;
    };
  }
}
