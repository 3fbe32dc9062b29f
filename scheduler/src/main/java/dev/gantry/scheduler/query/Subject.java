package dev.gantry.scheduler.query;

import dev.gantry.model.Attribute;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What of an instance a comparison looks at.
sealed interface Subject {

  /// Its values as text; none if the instance does not have it.
  List<String> values(QueriedInstance instance);

  /// How its values are put in order.
  Ordering ordering();

  /// The operators that Amazon allows for it.
  List<Operator> operators();

  /// The subject of a name, or null if there is none.
  static @Nullable Subject named(String name) {
    if (name.startsWith(AttributeValue.PREFIX) && name.length() > AttributeValue.PREFIX.length()) {
      return new AttributeValue(name.substring(AttributeValue.PREFIX.length()));
    }
    for (Field field : Field.values()) {
      if (field.text.equals(name)) {
        return field;
      }
    }
    return null;
  }

  /// `attribute:NAME`.
  record AttributeValue(String name) implements Subject {
    private static final String PREFIX = "attribute:";

    @Override
    public List<String> values(QueriedInstance instance) {
      for (Attribute attribute : instance.attributes()) {
        if (attribute.name().equals(name)) {
          return List.of(attribute.value());
        }
      }
      return List.of();
    }

    @Override
    public Ordering ordering() {
      return Ordering.NUMBER_OR_TEXT;
    }

    @Override
    public List<Operator> operators() {
      return List.of(Operator.values());
    }

    @Override
    public String toString() {
      return PREFIX + name;
    }
  }

  /// The fields of an instance.
  enum Field implements Subject {
    /// Whether its agent is connected.
    AGENT_CONNECTED("agentConnected", Ordering.NUMBER_OR_TEXT, false) {
      @Override
      public List<String> values(QueriedInstance instance) {
        return List.of(Boolean.toString(instance.agentConnected()));
      }
    },
    /// The version of its agent.
    AGENT_VERSION("agentVersion", Ordering.VERSION, true) {
      @Override
      public List<String> values(QueriedInstance instance) {
        return optional(instance.agentVersion());
      }
    },
    /// The EC2 instance it is.
    EC2_INSTANCE_ID("ec2InstanceId", Ordering.NUMBER_OR_TEXT, false) {
      @Override
      public List<String> values(QueriedInstance instance) {
        return optional(instance.ec2InstanceId());
      }
    },
    /// When it was registered.
    REGISTERED_AT("registeredAt", Ordering.TIME, true) {
      @Override
      public List<String> values(QueriedInstance instance) {
        return List.of(instance.registeredAt().toString());
      }
    },
    /// How many tasks run on it.
    RUNNING_TASKS_COUNT("runningTasksCount", Ordering.NUMBER, true) {
      @Override
      public List<String> values(QueriedInstance instance) {
        return List.of(Integer.toString(instance.runningTasksCount()));
      }
    },
    /// The groups of its tasks.
    TASK_GROUP("task:group", Ordering.NUMBER_OR_TEXT, false) {
      @Override
      public List<String> values(QueriedInstance instance) {
        return List.copyOf(instance.taskGroups());
      }
    };

    private final String text;
    private final Ordering ordering;
    private final boolean ordered;

    Field(String text, Ordering ordering, boolean ordered) {
      this.text = text;
      this.ordering = ordering;
      this.ordered = ordered;
    }

    private static List<String> optional(@Nullable String value) {
      return value == null ? List.of() : List.of(value);
    }

    @Override
    public Ordering ordering() {
      return ordering;
    }

    @Override
    public List<Operator> operators() {
      return ordered ? Operator.OF_ORDER : Operator.OF_TEXT;
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
