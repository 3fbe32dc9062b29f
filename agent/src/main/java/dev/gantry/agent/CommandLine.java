package dev.gantry.agent;

import java.util.ArrayList;
import java.util.List;

/// Cuts a command into words as Amazon's agent does in containers, which start no shell for it: by
/// the rules of a POSIX shell for blanks, quotes, backslashes and comments, and none of its others.
final class CommandLine {

  private CommandLine() {}

  /// A command with a quote that is not closed, or a backslash with nothing behind it.
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message, null, false, false);
    }

    String text() {
      return String.valueOf(getMessage());
    }
  }

  /// The words of a command; none if it has none.
  static List<String> split(String command) throws Malformed {
    List<String> words = new ArrayList<>();
    StringBuilder word = null;
    int i = 0;
    while (i < command.length()) {
      char c = command.charAt(i++);
      if (c == '#' && word == null) {
        int end = command.indexOf('\n', i);
        i = end < 0 ? command.length() : end + 1;
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        if (word != null) {
          words.add(word.toString());
          word = null;
        }
      } else {
        word = word == null ? new StringBuilder() : word;
        i =
            switch (c) {
              case '\'' -> single(command, i, word);
              case '"' -> quoted(command, i, word);
              case '\\' -> escaped(command, i, word);
              default -> {
                word.append(c);
                yield i;
              }
            };
      }
    }
    if (word != null) {
      words.add(word.toString());
    }
    return words;
  }

  private static int single(String command, int from, StringBuilder word) throws Malformed {
    int end = command.indexOf('\'', from);
    if (end < 0) {
      throw new Malformed("a quote is not closed");
    }
    word.append(command, from, end);
    return end + 1;
  }

  private static int quoted(String command, int from, StringBuilder word) throws Malformed {
    int i = from;
    while (i < command.length()) {
      char c = command.charAt(i++);
      if (c == '"') {
        return i;
      }
      if (c == '\\') {
        i = escaped(command, i, word);
      } else {
        word.append(c);
      }
    }
    throw new Malformed("a quote is not closed");
  }

  private static int escaped(String command, int from, StringBuilder word) throws Malformed {
    if (from == command.length()) {
      throw new Malformed("nothing follows a backslash");
    }
    word.append(command.charAt(from));
    return from + 1;
  }
}
