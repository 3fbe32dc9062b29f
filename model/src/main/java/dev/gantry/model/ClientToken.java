package dev.gantry.model;

import java.time.Instant;
import java.util.List;

/// Remembers what an idempotent RunTask or StartTask did, so that its repetition does nothing
/// (Ensuring idempotency, Amazon ECS API Reference).
///
/// @param requestDigest SHA-256 of the request without its token, in hexadecimal
/// @param tasks the tasks it started
/// @param failures what could not be placed, as the API's JSON
public record ClientToken(
    ClientTokenId id, String requestDigest, List<TaskId> tasks, String failures, Instant createdAt)
    implements Entity {}
