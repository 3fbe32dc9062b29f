package dev.gantry.wire.shape;

import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The type of a member, list element or map value, with the constraints its shape puts on it.
///
/// Immutable. A type does not name the structure or the enum at its bottom: shapes recurse, so that
/// is asked from the owning [Structure] when it is needed ([Structure#target],
/// [Structure#enumValues]). Bounds count Unicode code points of a string, elements of a list or
/// map, bytes of a blob, or the number itself.
public final class ValueType {
  /// Stands for "no lower bound".
  public static final long NO_MIN = Long.MIN_VALUE;

  /// Stands for "no upper bound".
  public static final long NO_MAX = Long.MAX_VALUE;

  /// Text without constraints.
  public static final ValueType STRING = new ValueType(Kind.STRING);

  /// 32 bits.
  public static final ValueType INTEGER = new ValueType(Kind.INTEGER);

  /// 64 bits.
  public static final ValueType LONG = new ValueType(Kind.LONG);

  /// A double.
  public static final ValueType DOUBLE = new ValueType(Kind.DOUBLE);

  /// A float.
  public static final ValueType FLOAT = new ValueType(Kind.FLOAT);

  /// A truth value.
  public static final ValueType BOOLEAN = new ValueType(Kind.BOOLEAN);

  /// A point in time.
  public static final ValueType TIMESTAMP = new ValueType(Kind.TIMESTAMP);

  /// Bytes.
  public static final ValueType BLOB = new ValueType(Kind.BLOB);

  /// Open content.
  public static final ValueType DOCUMENT = new ValueType(Kind.DOCUMENT);

  /// A structure; which one, the owner tells.
  public static final ValueType STRUCTURE = new ValueType(Kind.STRUCTURE);

  private final Kind kind;
  private final @Nullable ValueType key;
  private final @Nullable ValueType element;
  private final long min;
  private final long max;
  private final @Nullable String pattern;
  private final boolean enumerated;
  private final boolean sensitive;
  private final boolean constrained;

  /// Compiled on the first check: most requests touch few of the patterns in a model. Two threads
  /// may both compile it, to the same effect.
  private volatile @Nullable Pattern compiled;

  private ValueType(Kind kind) {
    this(kind, null, null, NO_MIN, NO_MAX, null, false, false);
  }

  private ValueType(
      Kind kind,
      @Nullable ValueType key,
      @Nullable ValueType element,
      long min,
      long max,
      @Nullable String pattern,
      boolean enumerated,
      boolean sensitive) {
    this.kind = kind;
    this.key = key;
    this.element = element;
    this.min = min;
    this.max = max;
    this.pattern = pattern;
    this.enumerated = enumerated;
    this.sensitive = sensitive;
    this.constrained =
        min != NO_MIN
            || max != NO_MAX
            || pattern != null
            || enumerated
            || kind == Kind.STRUCTURE
            || (key != null && key.constrained)
            || (element != null && element.constrained);
  }

  /// A list of such elements.
  public static ValueType listOf(ValueType element) {
    return new ValueType(Kind.LIST, null, element, NO_MIN, NO_MAX, null, false, false);
  }

  /// A map from such text to such values.
  public static ValueType mapOf(ValueType key, ValueType value) {
    return new ValueType(Kind.MAP, key, value, NO_MIN, NO_MAX, null, false, false);
  }

  /// This type within bounds, both inclusive.
  public ValueType within(long lower, long upper) {
    return new ValueType(kind, key, element, lower, upper, pattern, enumerated, sensitive);
  }

  /// This type with a regular expression that the whole text must match.
  public ValueType matching(String regex) {
    return new ValueType(kind, key, element, min, max, regex, enumerated, sensitive);
  }

  /// This type limited to the values that [Structure#enumValues] tells.
  public ValueType enumerated() {
    return new ValueType(kind, key, element, min, max, pattern, true, sensitive);
  }

  /// This type, not to be shown in any log, message or `toString`.
  public ValueType secret() {
    return new ValueType(kind, key, element, min, max, pattern, enumerated, true);
  }

  /// What it is.
  public Kind kind() {
    return kind;
  }

  /// The type of a list's elements or a map's values.
  ///
  /// @throws NullPointerException if this is neither
  public ValueType element() {
    return Objects.requireNonNull(element);
  }

  /// The type of a map's keys: a string with its constraints.
  ///
  /// @throws NullPointerException if this is not a map
  public ValueType key() {
    return Objects.requireNonNull(key);
  }

  /// The lower bound, or [#NO_MIN].
  public long min() {
    return min;
  }

  /// The upper bound, or [#NO_MAX].
  public long max() {
    return max;
  }

  /// The regular expression as the model spells it, or null.
  public @Nullable String regex() {
    return pattern;
  }

  /// The compiled regular expression, or null.
  public @Nullable Pattern pattern() {
    Pattern ready = compiled;
    if (ready == null && pattern != null) {
      ready = Pattern.compile(pattern);
      compiled = ready;
    }
    return ready;
  }

  /// Whether only the values of an enum are valid.
  public boolean isEnumerated() {
    return enumerated;
  }

  /// Whether a value may break a constraint, here or in what it holds. Most members are free text,
  /// and a check can pass them by.
  boolean isConstrained() {
    return constrained;
  }

  /// Whether the value must not be shown.
  public boolean isSecret() {
    return sensitive;
  }
}
