package dev.gantry.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.store.LogStore.Appended;
import dev.gantry.store.LogStore.Origin;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryLogStoreTest extends LogStoreContract {

  private MemoryLogStore store = new MemoryLogStore();

  @Override
  protected LogStore store() {
    return store;
  }

  @Override
  protected void settle() {
    store.settle();
  }

  /// The crash that a batch id is for: the write is there, its answer is not.
  @Test
  void aCrashKeepsWhatWasDoneAndForgetsTheRest() throws StoreException {
    List<Answer<Appended>> answers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      answers.add(new Answer<>());
      store.append(A, List.of(at(i, "m" + i)), 0, new Origin("w", i), answers.get(i));
    }
    store.work();
    store.tell();
    store.work();
    MemoryLogStore dead = store;

    store = dead.crash();
    dead.settle();

    assertThat(answers).extracting(Answer::isGiven).containsExactly(true, false, false);
    assertThat(all(A)).containsExactly("m0", "m1");
    assertThat(append(A, new Origin("w", 1), at(1, "m1"), at(2, "m2")))
        .isEqualTo(new Appended(1, 1));
    assertThat(all(A)).containsExactly("m0", "m1", "m2");
  }

  @Test
  void tooMuchIsRefusedAtOnce() {
    for (int i = 0; i < LogStore.MAX_QUEUED_WRITES; i++) {
      store.deleteStream(A, new Answer<>());
    }
    Answer<Boolean> refused = new Answer<>();
    store.deleteStream(A, refused);

    assertThatThrownBy(refused::get)
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.OVERLOADED));
  }
}
