package dev.gantry.control;

import dev.gantry.model.LogStreamId;
import dev.gantry.store.LogStore;
import java.util.List;

/// Hears what was appended to the log store, and is durable. Called on the log store's thread, in
/// the order of the appends; must not block.
@FunctionalInterface
public interface LogTap {

  /// @param events in the order in which they were sent
  /// @param ingestedAt when they were received, milliseconds since 1970
  void appended(LogStreamId stream, List<LogStore.Event> events, long ingestedAt);
}
