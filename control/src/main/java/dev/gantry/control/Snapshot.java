package dev.gantry.control;

import dev.gantry.model.ContainerInstanceId;
import dev.gantry.store.OrderedMap;
import dev.gantry.store.OrderedSet;
import dev.gantry.store.State;

/// What readers see: the last durable State, and what is known of agents now.
///
/// @param connected the container instances whose agent has an open ACS session
/// @param health what agents said last of their hosts' health; who said nothing is not in it
/// @param execSessions the ids of the open sessions in containers
public record Snapshot(
    State state,
    OrderedSet<ContainerInstanceId> connected,
    OrderedMap<ContainerInstanceId, InstanceHealth> health,
    OrderedSet<String> execSessions) {}
