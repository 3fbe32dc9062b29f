package dev.gantry.conformance.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.List;

/// One connection's worth of what is sent, and what may come back.
///
/// @param kind what is tried, for the tally
/// @param steps what is done, in order
/// @param requests how many requests it counts for
/// @param answers the most answers there may be; one more means that the server took bytes of one
///   request for another one
/// @param protocol how the answers are read
/// @param operation the operation that is called, or nothing if it is no orderly call
record Conversation(
    String kind,
    List<Step> steps,
    int requests,
    int answers,
    Conversation.Protocol protocol,
    String operation) {

  Conversation(String kind, List<Step> steps, int requests, int answers, Protocol protocol) {
    this(kind, steps, requests, answers, protocol, "");
  }

  /// How the answers are read.
  enum Protocol {
    /// One orderly request on a connection that is kept; exactly one answer, in AWS's form.
    CALL,
    /// Any number of HTTP answers until the server closes.
    HTTP,
    /// Nobody waits for an answer.
    NONE,
    /// A WebSocket, or the HTTP answer that refuses it.
    SOCKET
  }

  /// One thing to do.
  sealed interface Step {
    /// Send bytes.
    record Send(byte[] bytes) implements Step {}

    /// Do nothing for a while.
    record Pause(int millis) implements Step {}

    /// Say that nothing more will be sent, and go on listening.
    record EndOutput() implements Step {}

    /// Break the connection with a reset.
    record Reset() implements Step {}

    /// Leave the connection open, half a request sent, until the fuzzer has too many of them.
    record Abandon() implements Step {}
  }

  /// Everything that is sent.
  byte[] bytes() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (Step step : steps) {
      if (step instanceof Step.Send send) {
        all.writeBytes(send.bytes());
      }
    }
    return all.toByteArray();
  }
}
