package dev.gantry.wire.json;

import dev.gantry.wire.shape.Structure;
import java.io.OutputStream;
import java.io.StringWriter;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.ByteArrayBuilder;

/// Records to JSON and back, for any generated shape.
///
/// Reading is tolerant where AWS is: unknown members are skipped, `null` means absent, the last of
/// equal names counts, an empty body is an empty structure, and a timestamp is any JSON number of
/// epoch seconds. It is strict about types, and everything it does is bounded by the limits below
/// and by the size of the input.
public final class AwsJson {
  /// How deep objects and lists may nest.
  public static final int MAX_NESTING = 64;

  /// The longest string value in characters. A log event, the largest thing that comes as one
  /// string, has at most 1 MiB.
  public static final int MAX_STRING_CHARS = 2 << 20;

  /// The longest member name or map key in characters. Models allow 512 at most (log field names).
  public static final int MAX_NAME_CHARS = 4096;

  /// The longest number in characters. The widest number that a model needs has 24.
  public static final int MAX_NUMBER_CHARS = 128;

  /// The most tokens (values, names, brackets) in one body: three times what PutLogEvents needs for
  /// its 10,000 events, and few enough that tiny values cannot blow up into much memory.
  public static final int MAX_TOKENS = 200_000;

  /// The farthest timestamp either side of 1970, in epoch seconds: the year 5138.
  public static final long MAX_EPOCH_SECONDS = 100_000_000_000L;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_NESTING)
                  .maxStringLength(MAX_STRING_CHARS)
                  .maxNameLength(MAX_NAME_CHARS)
                  .maxNumberLength(MAX_NUMBER_CHARS)
                  .maxTokenCount(MAX_TOKENS)
                  .build())
          .build();

  private AwsJson() {}

  /// The record as UTF-8 JSON. Absent members are left out, empty ones are not. Half of a surrogate
  /// pair, as in a log line cut in the middle of a character, is written as U+FFFD, so that every
  /// text that is written can be read.
  public static <T> byte[] encode(Structure<T> shape, T value) {
    try (ByteArrayBuilder out = new ByteArrayBuilder()) {
      try (JsonGenerator generator =
          FACTORY.createGenerator(ObjectWriteContext.empty(), (OutputStream) out)) {
        JsonWriter.write(generator, shape, value);
      }
      return out.toByteArray();
    }
  }

  /// The record as JSON text.
  public static <T> String encodeToString(Structure<T> shape, T value) {
    StringWriter out = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
      JsonWriter.write(generator, shape, value);
    }
    return out.toString();
  }

  /// The record that this UTF-8 JSON stands for.
  ///
  /// @throws MalformedInputException if it is not JSON, not of this shape, or beyond a limit
  public static <T> T decode(Structure<T> shape, byte[] json) {
    Utf8.Finding finding = Utf8.scan(json);
    if (finding == Utf8.Finding.INVALID) {
      throw new MalformedInputException("The input is not valid UTF-8");
    }
    return decode(
        shape,
        FACTORY.createParser(ObjectReadContext.empty(), json),
        finding == Utf8.Finding.SURROGATE_ESCAPES);
  }

  /// The record that this JSON text stands for.
  ///
  /// @throws MalformedInputException if it is not JSON, not of this shape, or beyond a limit
  public static <T> T decode(Structure<T> shape, String json) {
    return decode(shape, FACTORY.createParser(ObjectReadContext.empty(), json), true);
  }

  private static <T> T decode(Structure<T> shape, JsonParser opened, boolean checkText) {
    try (JsonParser parser = opened) {
      return new JsonReader(parser, FACTORY, checkText).read(shape);
    } catch (StreamConstraintsException _) {
      throw new MalformedInputException(
          """
          The input is beyond a limit: %d levels, %d tokens, %d characters in a string, %d in a \
          name, %d in a number\
          """
              .formatted(
                  MAX_NESTING, MAX_TOKENS, MAX_STRING_CHARS, MAX_NAME_CHARS, MAX_NUMBER_CHARS));
    } catch (JacksonException problem) {
      // Jackson's own text quotes the input.
      throw new MalformedInputException(
          problem.getLocation() == null
              ? "The input is not valid JSON"
              : "The input is not valid JSON: line %d, column %d"
                  .formatted(
                      problem.getLocation().getLineNr(), problem.getLocation().getColumnNr()));
    }
  }
}
