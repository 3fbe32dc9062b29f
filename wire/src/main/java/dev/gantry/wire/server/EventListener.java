package dev.gantry.wire.server;

/// Hears what becomes of the stream of events that an answer goes on as. Calls never overlap and
/// come in order: at most one [#opened], then one [#closed], which always comes.
public interface EventListener {

  /// The answer is on its way; events may follow.
  void opened(EventSink sink);

  /// The stream has ended, by either side.
  void closed();
}
