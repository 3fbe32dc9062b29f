package dev.gantry.wire.shape;

/// A value whose shape the model leaves open (Smithy's `document`), kept as JSON text.
///
/// @param json one valid JSON value without insignificant white space, as the codec made it
public record Document(String json) {}
