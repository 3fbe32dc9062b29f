package dev.gantry.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.model.Change;
import dev.gantry.model.Entity;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryJournalTest {

  private final RecordCodec codec = new RecordCodec();
  private final List<Object> heard = new ArrayList<>();
  private final Journal.Listener ear =
      new Journal.Listener() {
        @Override
        public void durable(long revision) {
          heard.add(revision);
        }

        @Override
        public void failed(StoreException cause) {
          heard.add(cause.kind());
        }
      };

  private static Batch batch(long revision, Entity entity) {
    return new Batch(revision, List.of(new Change.Put(entity)));
  }

  @Test
  void aCrashLosesWhatWasNotWritten() throws StoreException {
    MemoryJournal journal = new MemoryJournal(codec);
    journal.start(ear);
    journal.commit(batch(1, Samples.cluster("a")));
    journal.commit(batch(2, Samples.cluster("b")));
    journal.commit(batch(3, Samples.cluster("c")));
    journal.write(1);
    journal.tell();
    journal.write(1);

    MemoryJournal next = journal.crash();
    journal.write(1);
    journal.tell();

    assertThat(heard).containsExactly(1L);
    assertThat(next.load())
        .isEqualTo(State.of(2, List.of(Samples.cluster("a"), Samples.cluster("b"))));
    next.start(ear);
    next.commit(new Batch(3, List.of(new Change.Remove(Samples.cluster("a").id()))));
    next.close();
    assertThat(heard).containsExactly(1L, 3L);
  }

  @Test
  void aFailureIsToldOnceAndEndsIt() {
    MemoryJournal journal = new MemoryJournal(codec);
    journal.start(ear);
    journal.commit(batch(1, Samples.cluster("a")));
    StoreException full = new StoreException(StoreException.Kind.FULL, "full", null);
    journal.fail(full);
    journal.fail(full);
    journal.commit(batch(2, Samples.cluster("b")));
    journal.write(2);
    journal.tell();

    assertThat(heard).containsExactly(StoreException.Kind.FULL);
  }

  @Test
  void refusesGapsAndTooMuch() {
    MemoryJournal journal = new MemoryJournal(codec);
    Batch first = batch(1, Samples.cluster("a"));
    assertThatThrownBy(() -> journal.commit(first)).isInstanceOf(IllegalStateException.class);
    journal.start(ear);
    assertThatThrownBy(() -> journal.commit(batch(2, Samples.cluster("a"))))
        .isInstanceOf(IllegalArgumentException.class);
    long revision = 0;
    while (journal.hasRoom()) {
      journal.commit(batch(++revision, Samples.cluster("a")));
    }
    assertThat(journal.queued()).isEqualTo(Journal.MAX_QUEUED_BATCHES);
    Batch tooMuch = batch(revision + 1, Samples.cluster("a"));
    assertThatThrownBy(() -> journal.commit(tooMuch)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aBatchHasLimits() {
    assertThatThrownBy(() -> new Batch(1, List.of())).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> batch(0, Samples.cluster("a")))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
