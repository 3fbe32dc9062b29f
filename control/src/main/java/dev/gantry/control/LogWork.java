package dev.gantry.control;

import dev.gantry.model.LogStreamId;
import dev.gantry.store.LogStore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a [LogCommand] wants appended, and what to answer when it is durable.
///
/// @param <O> the operation's output record
/// @param events to append; may be empty, which is answered at once
/// @param origin where the events stand in what their sender sends, or null
public record LogWork<O>(
    LogStreamId stream,
    List<LogStore.Event> events,
    long ingestedAt,
    LogStore.@Nullable Origin origin,
    O response) {}
