package dev.gantry.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A policy that allows AWS services to write to log groups: of an account, or of one log group. It
/// is kept and shown; nobody here is allowed or refused anything by it.
///
/// @param name the policy's name; a policy of a log group may have none
/// @param document the policy, JSON, as it was given
/// @param revision changes with every change; null for a policy of the account
public record LogResourcePolicy(
    LogResourcePolicyId id,
    @Nullable String name,
    String document,
    Instant updatedAt,
    @Nullable String revision)
    implements Entity {}
