package dev.gantry.scheduler.query;

import java.util.List;
import java.util.regex.Pattern;

/// What a comparison asks of one value.
sealed interface Check {

  /// Whether a value passes.
  boolean passes(String value);

  /// There is a value.
  record Exists() implements Check {
    @Override
    public boolean passes(String value) {
      return true;
    }

    @Override
    public String toString() {
      return "exists";
    }
  }

  /// It is one of these.
  record OneOf(Ordering ordering, List<String> arguments) implements Check {
    @Override
    public boolean passes(String value) {
      for (String argument : arguments) {
        if (ordering.compare(value, argument) == 0) {
          return true;
        }
      }
      return false;
    }

    @Override
    public String toString() {
      return "in " + arguments;
    }
  }

  /// It comes before or after this, or is the same.
  record InOrder(Ordering ordering, Operator operator, String argument) implements Check {
    @Override
    public boolean passes(String value) {
      int order = ordering.compare(value, argument);
      return switch (operator) {
        case GREATER_THAN -> order > 0;
        case GREATER_THAN_EQUAL -> order >= 0;
        case LESS_THAN -> order < 0;
        case LESS_THAN_EQUAL -> order <= 0;
        case EQUALS, NOT_EQUALS, EXISTS, NOT_EXISTS, IN, NOT_IN, MATCHES, NOT_MATCHES ->
            throw new IllegalStateException(operator + " asks for no order");
      };
    }

    @Override
    public String toString() {
      return operator + " " + argument;
    }
  }

  /// The whole of it matches a pattern. A pattern that takes too long on a value does not match it:
  /// patterns can be written that would take years.
  record Like(Pattern pattern) implements Check {
    @Override
    public boolean passes(String value) {
      try {
        return pattern.matcher(new Metered(value)).matches();
      } catch (Metered.Exhausted tooLong) {
        return false;
      }
    }

    @Override
    public String toString() {
      return "=~ " + pattern;
    }
  }
}
