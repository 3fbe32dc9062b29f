package dev.gantry.wire.server;

import dev.gantry.wire.shape.Member;
import dev.gantry.wire.shape.Operation;
import dev.gantry.wire.shape.ServiceException;
import dev.gantry.wire.shape.ServiceModel;
import dev.gantry.wire.shape.Structure;
import dev.gantry.wire.shape.Unit;
import dev.gantry.wire.shape.ValueType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A service small enough to read: what tests serve and call.
public final class ThingService implements ServiceModel {
  /// The service.
  public static final ThingService SERVICE = new ThingService();

  /// `CreateThing`: a required name of 1 to 8 characters, and a size.
  public static final Operation<Thing, Thing> CREATE_THING =
      new Operation<>(SERVICE, "CreateThing", Thing.SHAPE, Thing.SHAPE);

  /// `DeleteThing`: answers nothing.
  public static final Operation<Thing, Unit> DELETE_THING =
      new Operation<>(SERVICE, "DeleteThing", Thing.SHAPE, Unit.SHAPE);

  /// `WatchThing`: answers with a stream of things, and may end with an error.
  public static final Operation<Thing, Unit> WATCH_THING =
      new Operation<>(SERVICE, "WatchThing", Thing.SHAPE, Unit.SHAPE, ThingEvent.SHAPE);

  private ThingService() {}

  /// An event: a thing that came or one that went.
  public record ThingEvent(@Nullable Thing came, @Nullable Thing went) {
    /// The descriptor.
    public static final Structure<ThingEvent> SHAPE =
        new Structure<>(
            "ThingEvent",
            new Member("came", ValueType.STRUCTURE, false),
            new Member("went", ValueType.STRUCTURE, false)) {
          @Override
          public @Nullable Object get(ThingEvent record, int index) {
            return index == 0 ? record.came : record.went;
          }

          @Override
          public ThingEvent create(@Nullable Object[] values) {
            return new ThingEvent((Thing) values[0], (Thing) values[1]);
          }

          @Override
          public Structure<?> target(int index) {
            return Thing.SHAPE;
          }
        };
  }

  /// Input and output alike.
  public record Thing(@Nullable String name, @Nullable Integer size) {
    /// The descriptor.
    public static final Structure<Thing> SHAPE =
        new Structure<>(
            "Thing",
            new Member("name", ValueType.STRING.within(1, 8), true),
            new Member("size", ValueType.INTEGER, false)) {
          @Override
          public @Nullable Object get(Thing record, int index) {
            return index == 0 ? record.name : record.size;
          }

          @Override
          public Thing create(@Nullable Object[] values) {
            return new Thing((String) values[0], (Integer) values[1]);
          }
        };
  }

  @Override
  public String name() {
    return "things";
  }

  @Override
  public String signingName() {
    return "things";
  }

  @Override
  public String targetPrefix() {
    return "Things_2026";
  }

  @Override
  public String jsonVersion() {
    return "1.1";
  }

  @Override
  public long bodyLimitBytes() {
    return 1_000;
  }

  @Override
  public List<Operation<?, ?>> operations() {
    return List.of(CREATE_THING, DELETE_THING, WATCH_THING);
  }

  @Override
  public @Nullable Operation<?, ?> operation(String name) {
    return operations().stream().filter(o -> o.name().equals(name)).findFirst().orElse(null);
  }

  @Override
  public ServiceException invalidInput(String message) {
    return new ServiceException("InvalidThingException", 400, message);
  }
}
