package dev.gantry.model;

/// An attribute of a container instance; a name alone is an attribute with an empty value.
public record Attribute(String name, String value) {}
