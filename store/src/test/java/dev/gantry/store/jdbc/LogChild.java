package dev.gantry.store.jdbc;

import dev.gantry.store.Answer;
import dev.gantry.store.LogStore;
import dev.gantry.store.LogStore.Appended;
import dev.gantry.store.LogStore.Event;
import dev.gantry.store.LogStore.Origin;
import dev.gantry.store.Samples;
import dev.gantry.store.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A process that appends without end, to be killed. Event n has the message n.
final class LogChild {

  private static final int BATCH = 7;

  private LogChild() {}

  /// @param args the store's path, and the position to begin at
  public static void main(String[] args) throws StoreException {
    LogStore store = SqliteLogStore.open(Path.of(args[0]));
    long position = Long.parseLong(args[1]);
    while (true) {
      List<Event> events = new ArrayList<>();
      for (int i = 0; i < BATCH; i++) {
        events.add(new Event(position + i, Long.toString(position + i)));
      }
      Answer<Appended> answer = new Answer<>();
      store.append(
          Samples.stream("/gantry/run", "a"), events, 0, new Origin("child", position), answer);
      answer.get();
      position += BATCH;
      System.out.println(position);
    }
  }
}
