package dev.gantry.control.logs;

import dev.gantry.api.logs.LogsErrors;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// A filter pattern of terms (CloudWatch Logs User Guide, "Filter pattern syntax"):
///
/// | Pattern | Lets through messages that contain |
/// | --- | --- |
/// | nothing, or blanks | anything |
/// | `ERROR timeout` | every term |
/// | `"exit code 1"` | the phrase as it stands; `\"` and `\\` stand for `"` and `\` |
/// | `?ERROR ?WARN` | any of the terms; means nothing beside terms of another kind |
/// | `ERROR -timeout` | the one and not the other |
///
/// A term is letters, digits and underscores; everything else needs quotes. Case counts. A term is
/// found inside a longer word too, terms need no blanks between them, and a quoted blank is a blank
/// like any other: not what the guide leads one to think, but what CloudWatch Logs does
/// (github.com/radkawar/stackd, testdata/aws/logs/filters.json, recorded in September 2026).
///
/// JSON patterns `{ $.level = "error" }`, patterns of fields `[ip, user, ...]` and regular
/// expressions `%colou?r%` are refused by name.
final class FilterPattern implements Predicate<String> {
  /// The most terms of a pattern.
  static final int MAX_TERMS = 100;

  private final List<String> required = new ArrayList<>();
  private final List<String> optional = new ArrayList<>();
  private final List<String> excluded = new ArrayList<>();

  private FilterPattern() {}

  /// Reads a pattern.
  ///
  /// @throws ServiceException InvalidParameterException if it is not one, or of a kind that is not
  ///   carried out
  static FilterPattern parse(String text) {
    FilterPattern pattern = new FilterPattern();
    String stripped = text.strip();
    if (!stripped.isEmpty()) {
      switch (stripped.charAt(0)) {
        case '{' -> throw unsupported("JSON filter patterns", stripped);
        case '[' -> throw unsupported("space-delimited filter patterns", stripped);
        case '%' -> throw unsupported("regular expressions in filter patterns", stripped);
        default -> pattern.readTerms(stripped);
      }
    }
    return pattern;
  }

  /// Whether the pattern lets a message through.
  @Override
  public boolean test(String message) {
    for (String term : excluded) {
      if (message.contains(term)) {
        return false;
      }
    }
    for (String term : required) {
      if (!message.contains(term)) {
        return false;
      }
    }
    if (!required.isEmpty() || !excluded.isEmpty() || optional.isEmpty()) {
      return true;
    }
    for (String term : optional) {
      if (message.contains(term)) {
        return true;
      }
    }
    return false;
  }

  private void readTerms(String text) {
    int at = 0;
    while (at < text.length()) {
      char first = text.charAt(at);
      if (Character.isWhitespace(first)) {
        at++;
        continue;
      }
      List<String> kind =
          switch (first) {
            case '?' -> optional;
            case '-' -> excluded;
            default -> required;
          };
      int begin = first == '?' || first == '-' ? at + 1 : at;
      StringBuilder term = new StringBuilder();
      int end =
          begin < text.length() && text.charAt(begin) == '"'
              ? readPhrase(text, begin, term)
              : readWord(text, begin, term);
      if (term.isEmpty()) {
        throw invalidCharacters(oddCharacters(text, at));
      }
      kind.add(term.toString());
      at = end;
    }
    if (required.size() + optional.size() + excluded.size() > MAX_TERMS) {
      throw LogsErrors.invalidParameterException(
          "A filter pattern can have at most " + MAX_TERMS + " terms");
    }
  }

  private static int readWord(String text, int begin, StringBuilder term) {
    int at = begin;
    while (at < text.length() && isPlain(text.charAt(at))) {
      term.append(text.charAt(at++));
    }
    return at;
  }

  private static int readPhrase(String text, int quote, StringBuilder term) {
    int at = quote + 1;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"') {
        if (term.isEmpty()) {
          throw invalidCharacters("\"\"");
        }
        return at + 1;
      }
      boolean escape =
          c == '\\'
              && at + 1 < text.length()
              && (text.charAt(at + 1) == '"' || text.charAt(at + 1) == '\\');
      term.append(escape ? text.charAt(at + 1) : c);
      at += escape ? 2 : 1;
    }
    throw invalidCharacters(text.substring(quote));
  }

  /// What stands where a term should begin, as CloudWatch Logs quotes it.
  private static String oddCharacters(String text, int begin) {
    int end = begin + 1;
    while (end < text.length()
        && !isPlain(text.charAt(end))
        && text.charAt(end) != '"'
        && !Character.isWhitespace(text.charAt(end))) {
      end++;
    }
    return text.substring(begin, end);
  }

  private static boolean isPlain(char c) {
    // Halves of surrogate pairs are no letters; a term of other scripts' rare letters needs quotes.
    return Character.isLetterOrDigit(c) || c == '_';
  }

  private static ServiceException invalidCharacters(String term) {
    return LogsErrors.invalidParameterException("Invalid character(s) in term '" + term + "'");
  }

  private static ServiceException unsupported(String what, String pattern) {
    return LogsErrors.invalidParameterException(
        "Gantry does not support "
            + what
            + " in this release: '"
            + pattern
            + "'. Terms, \"phrases\", ?optional and -excluded terms are supported; quote what is"
            + " to be found literally.");
  }
}
