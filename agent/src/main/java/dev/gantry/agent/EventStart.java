package dev.gantry.agent;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayDeque;
import java.util.Deque;

/// Tells the lines with which an event of several lines begins: `awslogs-multiline-pattern`, a
/// regular expression, or `awslogs-datetime-format`, the format of a date, of the engine's
/// `awslogs` driver.
///
/// That driver is written in Go, whose expressions are those of RE2: other than Java's own they are
/// matched in time in proportion to the line, so that no task definition can hold the agent up.
/// What RE2 does not know, such as look-ahead, is refused with its own words.
final class EventStart {
  /// The longest expression or format, in characters.
  static final int MAX_LENGTH = 4_096;

  /// How large an expression may become when its counted repetitions are written out.
  static final int MAX_SIZE = 20_000;

  private final Pattern pattern;

  private EventStart(Pattern pattern) {
    this.pattern = pattern;
  }

  /// A line that matches the expression anywhere begins an event.
  ///
  /// @throws IllegalArgumentException if it is none, or too large; the text is for a task's reason
  static EventStart matching(String expression) {
    if (expression.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "awslogs multiline patterns are at most " + MAX_LENGTH + " characters long");
    }
    if (size(expression) > MAX_SIZE) {
      throw new IllegalArgumentException(
          "awslogs multiline pattern \"" + expression + "\" repeats too much");
    }
    try {
      return new EventStart(Pattern.compile(expression));
    } catch (PatternSyntaxException wrong) {
      throw new IllegalArgumentException(
          "awslogs could not parse multiline pattern key \""
              + expression
              + "\": "
              + wrong.getMessage());
    }
  }

  /// A line with a date of this format begins an event. The format's codes are strftime's, as far
  /// as the driver knows them; what is between them is an expression.
  ///
  /// @throws IllegalArgumentException if a code is not known, or the rest is no expression
  static EventStart dated(String format) {
    if (format.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "awslogs-datetime-format is at most " + MAX_LENGTH + " characters long");
    }
    StringBuilder expression = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c == '%' && i + 1 < format.length()) {
        i++;
        expression.append(code(format.charAt(i)));
      } else {
        expression.append(c);
      }
    }
    return matching(expression.toString());
  }

  /// True if an event begins with this line.
  boolean begins(byte[] line) {
    return pattern.matcher(line).find();
  }

  /// The codes of the driver (Docker's documentation of `awslogs`, "awslogs-datetime-format").
  private static String code(char code) {
    return switch (code) {
      case 'a' -> "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
      case 'A' -> "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)";
      case 'w' -> "[0-6]";
      case 'd' -> "(?:0[1-9]|[12][0-9]|3[01])";
      case 'b' -> "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
      case 'B' ->
          "(?:January|February|March|April|May|June|July|August|September|October|November"
              + "|December)";
      case 'm' -> "(?:0[1-9]|1[0-2])";
      case 'Y' -> "[0-9]{4}";
      case 'y' -> "[0-9]{2}";
      case 'H' -> "(?:[01][0-9]|2[0-3])";
      case 'I' -> "(?:0[1-9]|1[0-2])";
      case 'p' -> "[AP]M";
      case 'M', 'S' -> "[0-5][0-9]";
      // With its point, other than microseconds.
      case 'L' -> "\\.[0-9]{3}";
      case 'f' -> "[0-9]{6}";
      case 'z' -> "[+-][0-9]{4}";
      case 'Z' -> "[A-Z]{1,4}T";
      case 'j' -> "(?:00[1-9]|0[1-9][0-9]|[12][0-9]{2}|3[0-5][0-9]|36[0-6])";
      default ->
          throw new IllegalArgumentException(
              "awslogs-datetime-format has %" + code + ", which is not one of its codes");
    };
  }

  /// About how many steps the expression has when every counted repetition is written out. A few
  /// characters can stand for millions of them, which the library would make.
  private static long size(String expression) {
    Deque<Long> outside = new ArrayDeque<>();
    long total = 0;
    long last = 0;
    int i = 0;
    while (i < expression.length()) {
      char c = expression.charAt(i);
      switch (c) {
        case '\\' -> {
          i++;
          last = 1;
          total = sum(total, 1);
        }
        case '[' -> {
          i = endOfClass(expression, i);
          last = 1;
          total = sum(total, 1);
        }
        case '(' -> {
          outside.push(total);
          total = 0;
        }
        case ')' -> {
          last = sum(total, 1);
          total = sum(outside.isEmpty() ? 0 : outside.pop(), last);
        }
        case '{' -> {
          long times = times(expression, i);
          total = sum(total, last * Math.max(0, times - 1));
          last = sum(0, last * Math.max(1, times));
        }
        default -> {
          last = 1;
          total = sum(total, 1);
        }
      }
      i++;
    }
    while (!outside.isEmpty()) {
      total = sum(total, outside.pop());
    }
    return total;
  }

  /// Capped, so that nothing overflows.
  private static long sum(long some, long more) {
    return Math.min(some + more, 10L * MAX_SIZE);
  }

  /// The index of the bracket that ends a class, or the last one.
  private static int endOfClass(String expression, int start) {
    int i = start + 1;
    if (i < expression.length() && expression.charAt(i) == '^') {
      i++;
    }
    // A bracket that comes first is one of the class.
    i++;
    while (i < expression.length() && expression.charAt(i) != ']') {
      i += expression.charAt(i) == '\\' ? 2 : 1;
    }
    return Math.min(i, expression.length() - 1);
  }

  /// The larger number of `{n}`, `{n,}` or `{n,m}` at this place; 1 if it is no repetition.
  private static long times(String expression, int start) {
    long most = 0;
    long number = 0;
    for (int i = start + 1; i < expression.length(); i++) {
      char c = expression.charAt(i);
      if (c >= '0' && c <= '9') {
        number = Math.min(number * 10 + (c - '0'), MAX_SIZE);
      } else if (c == ',') {
        most = Math.max(most, number);
        number = 0;
      } else {
        return c == '}' ? Math.max(1, Math.max(most, number)) : 1;
      }
    }
    return 1;
  }
}
