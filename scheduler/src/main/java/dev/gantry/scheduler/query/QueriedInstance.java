package dev.gantry.scheduler.query;

import dev.gantry.model.Attribute;
import java.time.Instant;
import java.util.List;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// What an expression can ask of a container instance.
///
/// @param agentVersion null if its agent never said
/// @param ec2InstanceId null for a host that is no EC2 instance
/// @param attributes its own and those of Amazon ECS; names are unique
/// @param runningTasksCount its tasks that are RUNNING
/// @param taskGroups the groups of its tasks that are not STOPPED
public record QueriedInstance(
    boolean agentConnected,
    @Nullable String agentVersion,
    @Nullable String ec2InstanceId,
    Instant registeredAt,
    int runningTasksCount,
    List<Attribute> attributes,
    SortedSet<String> taskGroups) {}
