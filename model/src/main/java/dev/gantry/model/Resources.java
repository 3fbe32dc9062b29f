package dev.gantry.model;

import java.util.List;

/// An amount of what a host has and a task takes.
///
/// @param cpuUnits 1,024 are one logical processor
/// @param memoryMiB mebibytes
/// @param ports host ports that are fixed in advance, in order; ports the engine chooses are not
///   counted (PortMapping, Amazon ECS API Reference)
public record Resources(int cpuUnits, int memoryMiB, List<HostPort> ports) {
  /// Nothing.
  public static final Resources NONE = new Resources(0, 0, List.of());
}
