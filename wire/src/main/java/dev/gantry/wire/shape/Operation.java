package dev.gantry.wire.shape;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One operation of a service's API, as generated from its model. Equal by identity.
///
/// A service has a hundred of them and a process uses a few, so the shapes behind one are looked up
/// when they are asked for.
///
/// @param <I> the input record
/// @param <O> the output record
public final class Operation<I, O> {
  private final ServiceModel service;
  private final String name;
  private final int index;
  private final @Nullable Shapes shapes;
  private final @Nullable Structure<I> input;
  private final @Nullable Structure<O> output;
  private final @Nullable Structure<?> events;

  /// Tells the shapes of a service's operations, by the operations' place in its table.
  public interface Shapes {
    /// The input shape of the operation at `index`.
    Structure<?> input(int index);

    /// The output shape of the operation at `index`.
    Structure<?> output(int index);

    /// The union of the events of the operation at `index`, or null if it answers with none.
    default @Nullable Structure<?> events(int index) {
      return null;
    }
  }

  /// An operation whose shapes are told later. For generated code: nothing checks that the shapes
  /// are those of `I` and `O`.
  public Operation(ServiceModel service, String name, int index, Shapes shapes) {
    this.service = service;
    this.name = name;
    this.index = index;
    this.shapes = shapes;
    this.input = null;
    this.output = null;
    this.events = null;
  }

  /// An operation of these shapes.
  public Operation(ServiceModel service, String name, Structure<I> input, Structure<O> output) {
    this(service, name, input, output, null);
  }

  /// An operation of these shapes whose output goes on as a stream of events.
  ///
  /// @param events the union of the events, or null if there are none
  public Operation(
      ServiceModel service,
      String name,
      Structure<I> input,
      Structure<O> output,
      @Nullable Structure<?> events) {
    this.service = service;
    this.name = name;
    this.index = 0;
    this.shapes = null;
    this.input = input;
    this.output = output;
    this.events = events;
  }

  /// The service it belongs to.
  public ServiceModel service() {
    return service;
  }

  /// The operation's name exactly as the API spells it, as `RunTask`.
  public String name() {
    return name;
  }

  /// The input shape.
  @SuppressWarnings("unchecked") // promised to the first constructor
  public Structure<I> input() {
    return shapes == null ? Objects.requireNonNull(input) : (Structure<I>) shapes.input(index);
  }

  /// The output shape; [Unit#SHAPE] when the operation answers nothing.
  @SuppressWarnings("unchecked") // promised to the first constructor
  public Structure<O> output() {
    return shapes == null ? Objects.requireNonNull(output) : (Structure<O>) shapes.output(index);
  }

  /// What the events are that follow the output: a union, of which an event has one member. Null
  /// for an operation that answers with its output alone.
  public @Nullable Structure<?> events() {
    return shapes == null ? events : shapes.events(index);
  }

  @Override
  public String toString() {
    return service.name() + ":" + name;
  }
}
