package dev.gantry.agent;

import java.time.Instant;

/// How much of a container's output the log service has accepted: all lines stamped before `since`,
/// and the first `lines` of those stamped at or after it, in the engine's order.
///
/// One stamp alone would not do: the engine stamps the two output streams on two threads before it
/// writes them down, so stamps may run backwards by a hair, and several lines may share one.
///
/// @param since where to read again from
/// @param lines how many of the lines from there on are to be skipped
/// @param events how many events were made of everything before: the number of the next one, by
///   which the log service knows an event that it has already
record LogCursor(Instant since, int lines, long events) {}
