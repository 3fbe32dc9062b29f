package dev.gantry.model;

import java.time.Instant;

/// A log stream. Its events, and what is counted of them, live in the log store.
public record LogStream(LogStreamId id, Instant createdAt) implements Entity {}
