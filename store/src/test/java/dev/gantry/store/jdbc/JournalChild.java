package dev.gantry.store.jdbc;

import dev.gantry.model.Change;
import dev.gantry.model.TaskStatus;
import dev.gantry.store.Batch;
import dev.gantry.store.Journal;
import dev.gantry.store.RecordCodec;
import dev.gantry.store.Samples;
import dev.gantry.store.State;
import dev.gantry.store.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/// A process that commits without end, to be killed. What it commits follows from the revision
/// alone, so the parent knows what every revision must hold.
final class JournalChild {

  private JournalChild() {}

  /// How many changes the batch that begins at a revision has.
  static int batchSize(long firstRevision) {
    return (int) (1 + firstRevision * 31 % 5);
  }

  /// The change that has this revision.
  static Change change(long revision) {
    int number = (int) (revision * 7919 % 97);
    TaskStatus[] all = TaskStatus.values();
    var task = Samples.task("default", number, all[(int) (revision % all.length)]);
    return revision % 6 == 0 ? new Change.Remove(task.id()) : new Change.Put(task);
  }

  /// The batch that follows a revision.
  static Batch batchAfter(long revision) {
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < batchSize(revision + 1); i++) {
      changes.add(change(revision + 1 + i));
    }
    return new Batch(revision + 1, changes);
  }

  /// @param args the store's path
  public static void main(String[] args) throws StoreException {
    Journal journal = SqliteJournal.open(Path.of(args[0]), new RecordCodec());
    State loaded = journal.load();
    Semaphore room = new Semaphore(16);
    journal.start(
        new Journal.Listener() {
          private long last = loaded.revision();

          @Override
          public void durable(long revision) {
            System.out.println(revision);
            int batches = 0;
            while (last < revision) {
              last += batchSize(last + 1);
              batches++;
            }
            room.release(batches);
          }

          @Override
          public void failed(StoreException cause) {
            cause.printStackTrace();
            System.exit(1);
          }
        });
    long revision = loaded.revision();
    while (true) {
      room.acquireUninterruptibly();
      Batch batch = batchAfter(revision);
      journal.commit(batch);
      revision = batch.lastRevision();
    }
  }
}
