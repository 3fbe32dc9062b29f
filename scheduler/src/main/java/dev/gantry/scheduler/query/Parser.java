package dev.gantry.scheduler.query;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Reads expressions by recursive descent: `or` binds least, then `and`, then `not`.
final class Parser {
  /// How deep parentheses and negations nest.
  static final int MAX_DEPTH = 32;

  /// How many values a list has.
  static final int MAX_LIST = 100;

  /// How deep the groups of a pattern nest: each costs a frame of the thread's stack.
  static final int MAX_PATTERN_DEPTH = 10;

  private static final String SIGNS = "=!<>~";

  /// Longest first, so that `<=` is not read as `<`.
  private static final List<String> SIGN_OPERATORS =
      List.of("==", "!=", ">=", "<=", "=~", "!~", ">", "<");

  private final String text;
  private int at;
  private int depth;

  Parser(String text) {
    this.text = text;
  }

  /// The whole text.
  Expression expression() throws QuerySyntaxException {
    Expression all = or();
    skipBlanks();
    if (at < text.length()) {
      throw wrong("expected and, or, or the end");
    }
    return all;
  }

  private Expression or() throws QuerySyntaxException {
    Expression left = and();
    while (takeWord("or") || takeSign("||")) {
      left = new Expression.Or(left, and());
    }
    return left;
  }

  private Expression and() throws QuerySyntaxException {
    Expression left = not();
    while (takeWord("and") || takeSign("&&")) {
      left = new Expression.And(left, not());
    }
    return left;
  }

  private Expression not() throws QuerySyntaxException {
    if (++depth > MAX_DEPTH) {
      throw wrong("nested deeper than " + MAX_DEPTH);
    }
    try {
      if (takeWord("not") || takeSign("!")) {
        return new Expression.Not(not());
      }
      if (takeSign("(")) {
        Expression inner = or();
        if (!takeSign(")")) {
          throw wrong("expected )");
        }
        return inner;
      }
      return comparison();
    } finally {
      depth--;
    }
  }

  private Expression comparison() throws QuerySyntaxException {
    skipBlanks();
    int begin = at;
    while (at < text.length() && isOfName(text.charAt(at))) {
      at++;
    }
    String name = text.substring(begin, at);
    if (name.isEmpty()) {
      throw wrong("expected a subject");
    }
    Subject subject = Subject.named(name);
    if (subject == null) {
      at = begin;
      throw wrong(
          "unknown subject "
              + name
              + "; known are agentConnected, agentVersion, attribute:NAME, ec2InstanceId,"
              + " registeredAt, runningTasksCount, task:group");
    }
    int beforeOperator = at;
    Operator operator = operator();
    if (!subject.operators().contains(operator)) {
      at = beforeOperator;
      throw wrong(name + " takes only " + Operator.list(subject.operators()));
    }
    return switch (operator) {
      case EXISTS -> new Expression.Comparison(subject, new Check.Exists(), false);
      case NOT_EXISTS -> new Expression.Comparison(subject, new Check.Exists(), true);
      case EQUALS -> equal(subject, false);
      case NOT_EQUALS -> equal(subject, true);
      case IN -> new Expression.Comparison(subject, list(subject), false);
      case NOT_IN -> new Expression.Comparison(subject, list(subject), true);
      case MATCHES -> new Expression.Comparison(subject, like(), false);
      case NOT_MATCHES -> new Expression.Comparison(subject, like(), true);
      case GREATER_THAN, GREATER_THAN_EQUAL, LESS_THAN, LESS_THAN_EQUAL ->
          new Expression.Comparison(
              subject, new Check.InOrder(subject.ordering(), operator, argument(subject)), false);
    };
  }

  private Expression equal(Subject subject, boolean negated) throws QuerySyntaxException {
    return new Expression.Comparison(
        subject, new Check.OneOf(subject.ordering(), List.of(argument(subject))), negated);
  }

  private Operator operator() throws QuerySyntaxException {
    skipBlanks();
    for (String sign : SIGN_OPERATORS) {
      if (text.startsWith(sign, at)) {
        at += sign.length();
        return operatorOf(sign);
      }
    }
    int begin = at;
    if (at < text.length() && text.charAt(at) == '!') {
      at++;
    }
    while (at < text.length() && (Character.isLetter(text.charAt(at)) || text.charAt(at) == '_')) {
      at++;
    }
    String word = text.substring(begin, at).toLowerCase(Locale.ROOT);
    if (Operator.of(word) == null) {
      at = begin;
    }
    return operatorOf(word);
  }

  private Operator operatorOf(String sign) throws QuerySyntaxException {
    Operator operator = Operator.of(sign);
    if (operator == null) {
      throw wrong("expected an operator");
    }
    return operator;
  }

  private String argument(Subject subject) throws QuerySyntaxException {
    int begin = at;
    String argument = literal("");
    if (!subject.ordering().takes(argument)) {
      at = begin;
      throw wrong(subject + " cannot be compared with " + argument);
    }
    return argument;
  }

  private Check list(Subject subject) throws QuerySyntaxException {
    List<String> arguments = new ArrayList<>();
    if (!takeSign("[")) {
      arguments.add(argument(subject));
      return new Check.OneOf(subject.ordering(), List.copyOf(arguments));
    }
    while (true) {
      if (arguments.size() == MAX_LIST) {
        throw wrong("a list has at most " + MAX_LIST + " values");
      }
      arguments.add(literal(",]"));
      if (takeSign("]")) {
        return new Check.OneOf(subject.ordering(), List.copyOf(arguments));
      }
      if (!takeSign(",")) {
        throw wrong("expected , or ]");
      }
    }
  }

  private Check like() throws QuerySyntaxException {
    int begin = at;
    String pattern = literal("");
    int open = 0;
    for (int i = 0; i < pattern.length(); i++) {
      open += pattern.charAt(i) == '(' ? 1 : 0;
    }
    if (open > MAX_PATTERN_DEPTH) {
      at = begin;
      throw wrong("a pattern has at most " + MAX_PATTERN_DEPTH + " groups");
    }
    try {
      return new Check.Like(Pattern.compile(pattern));
    } catch (PatternSyntaxException e) {
      at = begin;
      throw wrong("not a pattern (" + e.getDescription() + ")");
    }
  }

  /// A value: in quotes, or up to the next blank, parenthesis or one of these ends.
  private String literal(String ends) throws QuerySyntaxException {
    skipBlanks();
    if (at < text.length() && (text.charAt(at) == '"' || text.charAt(at) == '\'')) {
      int close = text.indexOf(text.charAt(at), at + 1);
      if (close < 0) {
        throw wrong("a quote is not closed");
      }
      String quoted = text.substring(at + 1, close);
      at = close + 1;
      return quoted;
    }
    int begin = at;
    while (at < text.length()
        && !Character.isWhitespace(text.charAt(at))
        && "()".indexOf(text.charAt(at)) < 0
        && ends.indexOf(text.charAt(at)) < 0) {
      at++;
    }
    if (at == begin) {
      throw wrong("expected a value");
    }
    return text.substring(begin, at);
  }

  private static boolean isOfName(char character) {
    return !Character.isWhitespace(character)
        && SIGNS.indexOf(character) < 0
        && "()[],&|\"'".indexOf(character) < 0;
  }

  private boolean takeSign(String sign) {
    skipBlanks();
    if (text.startsWith(sign, at)) {
      at += sign.length();
      return true;
    }
    return false;
  }

  /// A word of the language; what only begins with it is something else.
  private boolean takeWord(String word) {
    skipBlanks();
    int end = at + word.length();
    if (text.regionMatches(true, at, word, 0, word.length())
        && (end == text.length() || !isOfName(text.charAt(end)))) {
      at = end;
      return true;
    }
    return false;
  }

  private void skipBlanks() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private QuerySyntaxException wrong(String what) {
    return new QuerySyntaxException(
        "Invalid expression: " + what + " at character " + (at + 1) + " of: " + text);
  }
}
