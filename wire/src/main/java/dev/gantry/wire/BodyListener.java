package dev.gantry.wire;

/// Gives the rest of a response's body, for as long as both sides want it. Calls never overlap and
/// come in order: at most one [#opened], then one [#closed], which comes even if the response was
/// never written.
public interface BodyListener {

  /// The head and the first piece are written, and more may follow.
  void opened(BodySink sink);

  /// The response has ended, or the connection is gone; nothing can be sent any more.
  void closed();
}
