package dev.gantry.store;

import dev.gantry.model.Entity;
import dev.gantry.model.EntityId;
import dev.gantry.model.EntityKind;
import java.io.StringWriter;
import java.util.HexFormat;
import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/// Spells records as JSON and reads them back, years later too. It works on any record by its
/// components; nothing is written by hand per type.
///
/// **Form.** A record is an object with a member per component, in their order. Text is a string;
/// numbers and booleans are themselves; an enum constant is its name; an `Instant` or a `Duration`
/// is its ISO text; an [EntityId] is its [key][EntityId#key]. A `List` or `Set` is an array in its
/// own order; a `Map` is an object in its own order (keys: text, enum constants, ids), a
/// `SortedMap` or `SortedSet` comes back sorted by natural order. A component whose type is a
/// sealed interface is the object of the record it holds with a member `"@type"` before all others:
/// the record's simple name. All text is ASCII, the rest escaped, so any database encoding keeps it
/// exactly.
///
/// **What may change in a record type.**
/// - A component that is null, or an empty collection that may not be null, is not written.
/// - A component *missing* from the text becomes, in this order: what the record's `public static T
///   default<Component>()` answers (for a component `launchType`, `defaultLaunchType`); null, if it
///   is `@Nullable`; an empty collection; 0 or false, if it is primitive. Otherwise the text is
///   refused. So a component can be added at any time: give it a default if none of these fits.
///   Give a default only together with a new component: to an old one, every empty collection
///   written so far would turn into it.
/// - A member that is *unknown* is skipped, and gone when the record is next written: a component
///   may be dropped. (A store written by a newer version never gets here; its schema is refused.)
/// - Names are stored: a component, an enum constant, or a record behind a sealed interface cannot
///   be renamed without a migration.
///
/// One codec serves many threads at once. What it learns of a type it learns at first use, and
/// keeps.
public final class RecordCodec {

  /// The longest text of one record, in characters. Far above what the API's limits let through; a
  /// longer one is a defect, and better met on the way in than on the way out.
  public static final int MAX_TEXT_LENGTH = 4 * 1024 * 1024;

  /// The deepest nesting of objects and arrays.
  public static final int MAX_DEPTH = 64;

  private static final int USUAL_TEXT_LENGTH = 1024;

  private final JsonFactory json =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(MAX_TEXT_LENGTH)
                  .build())
          .streamWriteConstraints(
              StreamWriteConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .build();
  private final RecordForms forms = new RecordForms();

  /// The stored text of a record.
  ///
  /// @throws RecordFormatException if its type has no stored form, or the text would be too long
  public String encode(Entity record) {
    return encodeRecord((Record) record);
  }

  /// The record of a stored text.
  ///
  /// @throws RecordFormatException if the text is not such a record
  public Entity decode(EntityKind kind, String text) {
    return (Entity) decodeRecord(Kind.of(kind).type().asSubclass(Record.class), text);
  }

  /// As [#encode], of any record.
  String encodeRecord(Record record) {
    StringWriter text = new StringWriter(USUAL_TEXT_LENGTH);
    try (JsonGenerator generator = json.createGenerator(ObjectWriteContext.empty(), text)) {
      forms.of(record.getClass()).write(generator, record);
    } catch (JacksonException e) {
      throw new RecordFormatException("cannot be written: " + e.getOriginalMessage(), e);
    }
    if (text.getBuffer().length() > MAX_TEXT_LENGTH) {
      throw new RecordFormatException(
          "has " + text.getBuffer().length() + " characters, more than " + MAX_TEXT_LENGTH, null);
    }
    return text.toString();
  }

  /// As [#decode], of any record type.
  <R extends Record> R decodeRecord(Class<R> type, String text) {
    if (text.length() > MAX_TEXT_LENGTH) {
      throw new RecordFormatException(
          "has " + text.length() + " characters, more than " + MAX_TEXT_LENGTH, null);
    }
    try (JsonParser parser = json.createParser(ObjectReadContext.empty(), text)) {
      parser.nextToken();
      Object record = forms.of(type).read(parser);
      if (parser.nextToken() != null) {
        throw new RecordFormatException("something follows the record", null);
      }
      return Objects.requireNonNull(type.cast(record));
    } catch (JacksonException e) {
      throw new RecordFormatException("not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /// An id as the `id` columns hold it: its key, in which everything but printable ASCII is escaped
  /// so that no database changes or refuses it. Different ids have different texts.
  public static String column(EntityId id) {
    String key = id.key();
    for (int i = 0; i < key.length(); i++) {
      if (!isPlain(key.charAt(i))) {
        return escape(key);
      }
    }
    return key;
  }

  /// The key that [#column] made this text of.
  public static String keyOf(String column) {
    StringBuilder key = new StringBuilder(column.length());
    for (int i = 0; i < column.length(); i++) {
      char c = column.charAt(i);
      if (c == '\\') {
        key.append((char) HexFormat.fromHexDigits(column, i + 2, i + 6));
        i += 5;
      } else {
        key.append(c);
      }
    }
    return key.toString();
  }

  private static boolean isPlain(char c) {
    return c >= ' ' && c <= '~' && c != '\\';
  }

  private static String escape(String key) {
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (isPlain(c)) {
        escaped.append(c);
      } else {
        escaped.append("\\u").append(HexFormat.of().toHexDigits(c));
      }
    }
    return escaped.toString();
  }

  /// The token a value must begin with.
  static void expect(JsonParser parser, JsonToken wanted) {
    if (parser.currentToken() != wanted) {
      throw new RecordFormatException(
          "wants " + wanted + ", but found " + parser.currentToken(), null);
    }
  }
}
