package dev.gantry.wire;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// HTTP header fields in the order they arrived; names compare without case, repeated names are
/// kept.
///
/// Immutable. The order matters to nobody but a reader of a trace, and to tests that want the same
/// bytes twice.
public final class Headers {
  private static final Headers NONE = new Headers(List.of());

  private final List<Header> fields;

  private Headers(List<Header> fields) {
    this.fields = fields;
  }

  /// One header field as it stood on the wire.
  public record Header(String name, String value) {}

  /// No fields.
  public static Headers none() {
    return NONE;
  }

  /// The given fields, copied.
  public static Headers of(List<Header> fields) {
    return new Headers(List.copyOf(fields));
  }

  /// Fields from alternating names and values.
  ///
  /// @throws IllegalArgumentException if a value is missing
  public static Headers of(String... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException("a header name without a value");
    }
    List<Header> fields = new ArrayList<>(namesAndValues.length / 2);
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.add(new Header(namesAndValues[i], namesAndValues[i + 1]));
    }
    return new Headers(List.copyOf(fields));
  }

  /// The first value of `name`, or null if the field is absent.
  public @Nullable String first(String name) {
    for (Header field : fields) {
      if (field.name().equalsIgnoreCase(name)) {
        return field.value();
      }
    }
    return null;
  }

  /// Every value of `name`, in order of arrival.
  public List<String> all(String name) {
    List<String> values = new ArrayList<>();
    for (Header field : fields) {
      if (field.name().equalsIgnoreCase(name)) {
        values.add(field.value());
      }
    }
    return values;
  }

  /// All fields in order of arrival.
  public List<Header> fields() {
    return fields;
  }

  /// These fields and one more at the end.
  public Headers with(String name, String value) {
    List<Header> more = new ArrayList<>(fields);
    more.add(new Header(name, value));
    return new Headers(List.copyOf(more));
  }

  @Override
  public String toString() {
    // Values may be credentials: names only.
    return fields.stream().map(Header::name).toList().toString();
  }
}
