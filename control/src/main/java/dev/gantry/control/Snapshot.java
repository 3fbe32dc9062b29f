package dev.gantry.control;

import dev.gantry.model.ContainerInstanceId;
import dev.gantry.store.OrderedSet;
import dev.gantry.store.State;

/// What readers see: the last durable State, and which agents are connected now.
///
/// @param connected the container instances whose agent has an open ACS session
public record Snapshot(State state, OrderedSet<ContainerInstanceId> connected) {}
