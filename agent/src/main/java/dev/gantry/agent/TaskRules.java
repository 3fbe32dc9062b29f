package dev.gantry.agent;

import java.time.Duration;
import java.util.function.Predicate;

/// The settings that decisions about tasks hang on.
///
/// @param stopTimeout for containers that give none
/// @param cleanupWait how long a stopped task's containers are kept
/// @param pulledBefore knows the images that this agent has pulled; asked only under
///   [PullBehaviour#ONCE]
/// @param beingRemoved knows the images that are just being cleaned up
record TaskRules(
    PullBehaviour pullBehaviour,
    Duration stopTimeout,
    Duration cleanupWait,
    Predicate<String> pulledBefore,
    Predicate<String> beingRemoved) {}
