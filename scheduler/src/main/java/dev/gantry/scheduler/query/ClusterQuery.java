package dev.gantry.scheduler.query;

/// An expression of the cluster query language, which chooses container instances.
///
/// `subject operator [argument]`, joined by `and`, `or`, `not` and parentheses (Amazon ECS
/// Developer Guide, "Create expressions to define container instances"). Where the guide is silent:
///
/// - A subject that an instance does not have equals nothing, is in no list and matches nothing, so
///   the negated operators are true of it, and the ordering ones false.
/// - Patterns match the whole of a value, as the guide's own examples (`g2.*`) want it.
/// - Attributes are put in order as numbers where both sides are numbers, else as text.
/// - `task:group` compares with each group of the instance's tasks; one that fits is enough.
public final class ClusterQuery {
  /// An expression is at most this long (PlacementConstraint.expression).
  public static final int MAX_LENGTH = 2_000;

  private final Expression expression;

  private ClusterQuery(Expression expression) {
    this.expression = expression;
  }

  /// Reads an expression.
  ///
  /// @throws QuerySyntaxException if the text is none, or beyond a limit
  public static ClusterQuery parse(String text) throws QuerySyntaxException {
    if (text.length() > MAX_LENGTH) {
      throw new QuerySyntaxException(
          "An expression has at most "
              + MAX_LENGTH
              + " characters; this one has "
              + text.length()
              + ".");
    }
    return new ClusterQuery(new Parser(text).expression());
  }

  /// Whether the expression chooses an instance.
  public boolean matches(QueriedInstance instance) {
    return expression.matches(instance);
  }

  @Override
  public String toString() {
    return expression.toString();
  }
}
