package dev.gantry.model;

/// A device that a host offers to tasks (Amazon ECS API Reference, PlatformDevice).
///
/// @param id the device's own id, as `GPU-d8ea...`
/// @param type `GPU`, the one kind that the API knows
public record PlatformDevice(String id, String type) {}
