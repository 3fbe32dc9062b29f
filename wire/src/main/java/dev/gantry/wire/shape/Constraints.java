package dev.gantry.wire.shape;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Checks a record against the constraints of its model: required members, lengths, ranges,
/// patterns and enums, all the way down.
///
/// The text is AWS's own, member paths included. It is the same in every service that uses AWS's
/// older service framework; these are seen in the wild:
///
/// - `2 validation errors detected: Value '' at 'logGroupNamePrefix' failed to satisfy constraint:
///   Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+; Value '' at
///   'logGroupNamePrefix' failed to satisfy constraint: Member must have length greater than or
///   equal to 1` (CloudWatch Logs, fluent-plugin-cloudwatch-logs issue 223)
/// - `Value at 'topicPolicyConfig.topicsConfig.2.member.definition' failed ...` for a sensitive
///   value in a list of structures (Bedrock, privacera/paig issue 272)
/// - `Value '[querylog]' at 'logExports' failed to satisfy constraint: Member must satisfy
///   constraint: [Member must satisfy enum value set: [...]]` for elements of a list, and `Map
///   value must satisfy constraint: [Member must have length less than or equal to 50000, Member
///   must have length greater than or equal to 1]` for values of a map (CodePipeline,
///   terraform-provider-aws issue 41023)
///
/// The work is linear in the size of the record: the generator refuses patterns that could
/// backtrack without bound, and a list or map is looked at once per constraint.
public final class Constraints {
  /// The most violations that one text lists; the check ends there.
  public static final int MAX_LISTED = 10;

  /// The most characters of a value that a text shows. AWS shows all of it, which for a 1 MiB value
  /// helps nobody.
  public static final int MAX_SHOWN_CHARS = 1024;

  private static final Rule[] RULES = Rule.values();

  private final List<String> violations = new ArrayList<>();
  private final StringBuilder path = new StringBuilder();

  private Constraints() {}

  /// What is wrong with `record`, as one text for the caller, or null when it satisfies its model.
  /// Values that the model calls sensitive are not shown.
  public static <T> @Nullable String violations(Structure<T> shape, T record) {
    Constraints check = new Constraints();
    check.structure(shape, record);
    int count = check.violations.size();
    if (count == 0) {
      return null;
    }
    return count
        + (count == 1 ? " validation error detected: " : " validation errors detected: ")
        + String.join("; ", check.violations);
  }

  private boolean full() {
    return violations.size() >= MAX_LISTED;
  }

  private <T> void structure(Structure<T> shape, T record) {
    int length = path.length();
    for (int i = 0; i < shape.size() && !full(); i++) {
      Member member = shape.member(i);
      Object value = shape.get(record, i);
      if (value == null ? !member.required() : !member.type().isConstrained()) {
        continue;
      }
      if (length > 0) {
        path.append('.');
      }
      // AWS spells every member with a small first letter here, whatever the model says.
      path.append(Character.toLowerCase(member.name().charAt(0)));
      path.append(member.name(), 1, member.name().length());
      if (value == null) {
        violations.add(
            "Value null at '" + path + "' failed to satisfy constraint: Member must not be null");
      } else {
        value(member.type(), value, shape, i);
      }
      path.setLength(length);
    }
  }

  private void value(ValueType type, Object value, Structure<?> owner, int index) {
    if (type.kind() == Kind.STRUCTURE) {
      target(owner.target(index), value);
      return;
    }
    for (Rule rule : RULES) {
      if (!rule.satisfied(type, value, owner, index)) {
        add(type, value, rule.text(type, owner, index));
      }
    }
    int length = path.length();
    switch (type.kind()) {
      case LIST -> {
        ValueType element = type.element();
        List<?> list = (List<?>) value;
        if (nested(element)) {
          for (int i = 0; i < list.size() && !full(); i++) {
            path.append('.').append(i + 1).append(".member");
            value(element, list.get(i), owner, index);
            path.setLength(length);
          }
        } else {
          elements("Member", type, value, element, list, owner, index);
        }
      }
      case MAP -> {
        Map<?, ?> map = (Map<?, ?>) value;
        elements("Map keys", type, value, type.key(), map.keySet(), owner, index);
        ValueType element = type.element();
        if (nested(element)) {
          for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (full()) {
              break;
            }
            path.append('.').append(entry.getKey()).append(".member");
            value(element, entry.getValue(), owner, index);
            path.setLength(length);
          }
        } else {
          elements("Map value", type, value, element, map.values(), owner, index);
        }
      }
      default -> {}
    }
  }

  @SuppressWarnings("unchecked") // a record's member has the type that its descriptor tells
  private <T> void target(Structure<T> shape, Object value) {
    structure(shape, (T) value);
  }

  private static boolean nested(ValueType type) {
    return type.kind() == Kind.STRUCTURE || type.kind() == Kind.LIST || type.kind() == Kind.MAP;
  }

  /// Scalars in a container are reported together, once, at the container, with all their rules.
  private void elements(
      String what,
      ValueType type,
      Object container,
      ValueType element,
      Iterable<?> values,
      Structure<?> owner,
      int index) {
    for (Object value : values) {
      for (Rule rule : RULES) {
        if (!rule.satisfied(element, value, owner, index)) {
          List<String> all = new ArrayList<>();
          for (Rule each : RULES) {
            if (each.applies(element)) {
              all.add(each.text(element, owner, index));
            }
          }
          add(type, container, what + " must satisfy constraint: [" + String.join(", ", all) + "]");
          return;
        }
      }
    }
  }

  private void add(ValueType type, Object value, String constraint) {
    if (full()) {
      return;
    }
    StringBuilder text = new StringBuilder("Value ");
    if (showable(type)) {
      String shown = value.toString();
      text.append('\'');
      if (shown.length() > MAX_SHOWN_CHARS) {
        text.append(shown, 0, MAX_SHOWN_CHARS).append("...");
      } else {
        text.append(shown);
      }
      text.append("' ");
    }
    text.append("at '").append(path).append("' failed to satisfy constraint: ").append(constraint);
    violations.add(text.toString());
  }

  /// Secrets are not shown, nor are structures, whose Java form means nothing to the caller.
  private static boolean showable(ValueType type) {
    if (type.isSecret()) {
      return false;
    }
    return switch (type.kind()) {
      case STRUCTURE, BLOB, DOCUMENT -> false;
      case LIST -> showable(type.element());
      case MAP -> showable(type.key()) && showable(type.element());
      default -> true;
    };
  }

  /// One kind of constraint on a value, and AWS's words for it. In the order in which AWS lists
  /// them within a container. Plain code without lambdas: the first check of a process would pay
  /// for them.
  private enum Rule {
    MAX {
      @Override
      boolean applies(ValueType type) {
        return type.max() != ValueType.NO_MAX;
      }

      @Override
      boolean holds(ValueType type, Object value, Structure<?> owner, int index) {
        return measure(type, value) <= type.max();
      }

      @Override
      String text(ValueType type, Structure<?> owner, int index) {
        return "Member must have " + measured(type) + " less than or equal to " + type.max();
      }
    },
    MIN {
      @Override
      boolean applies(ValueType type) {
        return type.min() != ValueType.NO_MIN;
      }

      @Override
      boolean holds(ValueType type, Object value, Structure<?> owner, int index) {
        return measure(type, value) >= type.min();
      }

      @Override
      String text(ValueType type, Structure<?> owner, int index) {
        return "Member must have " + measured(type) + " greater than or equal to " + type.min();
      }
    },
    PATTERN {
      @Override
      boolean applies(ValueType type) {
        return type.regex() != null;
      }

      @Override
      boolean holds(ValueType type, Object value, Structure<?> owner, int index) {
        return Objects.requireNonNull(type.pattern()).matcher((String) value).matches();
      }

      @Override
      String text(ValueType type, Structure<?> owner, int index) {
        return "Member must satisfy regular expression pattern: " + type.regex();
      }
    },
    ENUM {
      @Override
      boolean applies(ValueType type) {
        return type.isEnumerated();
      }

      @Override
      boolean holds(ValueType type, Object value, Structure<?> owner, int index) {
        return owner.enumValues(index).contains((String) value);
      }

      @Override
      String text(ValueType type, Structure<?> owner, int index) {
        return "Member must satisfy enum value set: " + owner.enumValues(index);
      }
    };

    abstract boolean applies(ValueType type);

    /// Whether a value of a type that the rule applies to keeps it.
    abstract boolean holds(ValueType type, Object value, Structure<?> owner, int index);

    abstract String text(ValueType type, Structure<?> owner, int index);

    boolean satisfied(ValueType type, Object value, Structure<?> owner, int index) {
      return !applies(type) || holds(type, value, owner, index);
    }

    private static String measured(ValueType type) {
      return type.kind().isNumber() ? "value" : "length";
    }

    /// What a bound is compared with. Exact: no modelled bound or length is beyond 2^53.
    private static double measure(ValueType type, Object value) {
      return switch (type.kind()) {
        case STRING -> ((String) value).codePointCount(0, ((String) value).length());
        case INTEGER, LONG, DOUBLE, FLOAT -> ((Number) value).doubleValue();
        case LIST -> ((List<?>) value).size();
        case MAP -> ((Map<?, ?>) value).size();
        case BLOB -> ((Blob) value).size();
        case BOOLEAN, TIMESTAMP, DOCUMENT, STRUCTURE ->
            throw new IllegalArgumentException("a bound on a " + type.kind());
      };
    }
  }
}
