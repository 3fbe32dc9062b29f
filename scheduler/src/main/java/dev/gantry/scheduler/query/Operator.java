package dev.gantry.scheduler.query;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The operators of the language, each with a sign and a word.
enum Operator {
  EQUALS("==", "equals"),
  NOT_EQUALS("!=", "not_equals"),
  GREATER_THAN(">", "greater_than"),
  GREATER_THAN_EQUAL(">=", "greater_than_equal"),
  LESS_THAN("<", "less_than"),
  LESS_THAN_EQUAL("<=", "less_than_equal"),
  EXISTS("exists", "exists"),
  NOT_EXISTS("!exists", "not_exists"),
  IN("in", "in"),
  NOT_IN("!in", "not_in"),
  MATCHES("=~", "matches"),
  NOT_MATCHES("!~", "not_matches");

  /// What Amazon allows for a subject that is text.
  static final List<Operator> OF_TEXT =
      List.of(EQUALS, NOT_EQUALS, IN, NOT_IN, MATCHES, NOT_MATCHES, EXISTS, NOT_EXISTS);

  /// What Amazon allows for a subject that has an order.
  static final List<Operator> OF_ORDER =
      List.of(
          EQUALS,
          NOT_EQUALS,
          GREATER_THAN,
          GREATER_THAN_EQUAL,
          LESS_THAN,
          LESS_THAN_EQUAL,
          EXISTS,
          NOT_EXISTS);

  private final String sign;
  private final String word;

  Operator(String sign, String word) {
    this.sign = sign;
    this.word = word;
  }

  /// The operator of a sign or word, or null if there is none.
  static @Nullable Operator of(String text) {
    for (Operator operator : values()) {
      if (operator.sign.equals(text) || operator.word.equals(text)) {
        return operator;
      }
    }
    return null;
  }

  /// For messages: how the operators of a list are written.
  static String list(List<Operator> operators) {
    List<String> texts = new ArrayList<>();
    operators.forEach(operator -> texts.add(operator.sign));
    return String.join(", ", texts);
  }

  @Override
  public String toString() {
    return sign;
  }
}
