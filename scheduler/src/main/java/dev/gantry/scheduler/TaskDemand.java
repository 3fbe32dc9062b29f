package dev.gantry.scheduler;

import dev.gantry.model.Attribute;
import dev.gantry.model.Resources;
import java.util.List;

/// What a task needs of the instance it is placed on.
///
/// @param resources cpu, memory and fixed host ports
/// @param requiredAttributes names of attributes that the instance must have
///   (TaskDefinition.requiresAttributes)
public record TaskDemand(Resources resources, List<Attribute> requiredAttributes) {}
