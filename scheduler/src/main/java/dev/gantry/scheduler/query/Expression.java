package dev.gantry.scheduler.query;

import java.util.List;

/// A node of an expression.
sealed interface Expression {

  /// Whether it chooses an instance.
  boolean matches(QueriedInstance instance);

  /// Both.
  record And(Expression left, Expression right) implements Expression {
    @Override
    public boolean matches(QueriedInstance instance) {
      return left.matches(instance) && right.matches(instance);
    }

    @Override
    public String toString() {
      return "(" + left + " and " + right + ")";
    }
  }

  /// Either, or both.
  record Or(Expression left, Expression right) implements Expression {
    @Override
    public boolean matches(QueriedInstance instance) {
      return left.matches(instance) || right.matches(instance);
    }

    @Override
    public String toString() {
      return "(" + left + " or " + right + ")";
    }
  }

  /// Not.
  record Not(Expression of) implements Expression {
    @Override
    public boolean matches(QueriedInstance instance) {
      return !of.matches(instance);
    }

    @Override
    public String toString() {
      return "not(" + of + ")";
    }
  }

  /// One comparison.
  ///
  /// @param check what is asked of each of the subject's values
  /// @param negated whether no value may pass, instead of one having to
  record Comparison(Subject subject, Check check, boolean negated) implements Expression {
    @Override
    public boolean matches(QueriedInstance instance) {
      List<String> values = subject.values(instance);
      for (String value : values) {
        if (check.passes(value)) {
          return !negated;
        }
      }
      return negated;
    }

    @Override
    public String toString() {
      return subject + " " + (negated ? "!" : "") + check;
    }
  }
}
