package dev.gantry.model;

/// A tag of a resource. Keys are unique within a resource and case-sensitive.
public record Tag(String key, String value) {}
