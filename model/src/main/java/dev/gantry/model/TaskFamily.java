package dev.gantry.model;

/// Remembers the last revision a family ever had, so that no revision is used twice even after all
/// were deleted (RegisterTaskDefinition, DeleteTaskDefinitions).
public record TaskFamily(TaskFamilyId id, int lastRevision) implements Entity {}
