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

  /// Tells the shapes of a service's operations, by the operations' place in its table.
  public interface Shapes {
    /// The input shape of the operation at `index`.
    Structure<?> input(int index);

    /// The output shape of the operation at `index`.
    Structure<?> output(int index);
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
  }

  /// An operation of these shapes.
  public Operation(ServiceModel service, String name, Structure<I> input, Structure<O> output) {
    this.service = service;
    this.name = name;
    this.index = 0;
    this.shapes = null;
    this.input = input;
    this.output = output;
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

  @Override
  public String toString() {
    return service.name() + ":" + name;
  }
}
