package dev.gantry.wire.shape;

/// One member of a structure.
///
/// @param name its name on the wire
/// @param type what it carries
/// @param required whether the model demands it of an input
public record Member(String name, ValueType type, boolean required) {}
