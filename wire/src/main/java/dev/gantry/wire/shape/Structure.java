package dev.gantry.wire.shape;

/// The descriptor of one structure shape and the record that carries it.
///
/// @param <T> the generated record
public interface Structure<T> {

  /// The shape's name in the model.
  String name();
}
