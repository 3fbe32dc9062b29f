package dev.gantry.conformance.fuzz;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// What was sent and what came back, counted. For many threads.
final class Tally {
  private static final Pattern READS = Pattern.compile("(Describe|List|Get|Filter|Discover).*");

  private final Map<String, Long> kinds = new TreeMap<>();
  private final Map<String, Long> statuses = new TreeMap<>();
  private long requests;
  private long writes;

  synchronized void count(Conversation conversation) {
    requests += conversation.requests();
    kinds.merge(conversation.kind(), (long) conversation.requests(), Long::sum);
  }

  synchronized void answered(int status) {
    statuses.merge(Integer.toString(status), 1L, Long::sum);
  }

  synchronized void reset() {
    statuses.merge("reset", 1L, Long::sum);
  }

  /// An operation was carried out.
  synchronized void succeeded(String operation) {
    if (!READS.matcher(operation).matches()) {
      writes++;
    }
  }

  /// The requests so far.
  synchronized long requests() {
    return requests;
  }

  /// The calls carried out that may have added a record.
  synchronized long writes() {
    return writes;
  }

  @Override
  public synchronized String toString() {
    return "sent " + kinds + ", answered " + statuses + ", " + writes + " writes carried out";
  }
}
