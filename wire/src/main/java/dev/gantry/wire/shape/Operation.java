package dev.gantry.wire.shape;

/// One operation of a service's API, as generated from its model.
///
/// @param <I> the input record
/// @param <O> the output record
/// @param service the service it belongs to
/// @param name the operation's name exactly as the API spells it, as `RunTask`
/// @param input the input shape
/// @param output the output shape
public record Operation<I, O>(
    ServiceModel service, String name, Structure<I> input, Structure<O> output) {

  @Override
  public String toString() {
    return service.name() + ":" + name;
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
