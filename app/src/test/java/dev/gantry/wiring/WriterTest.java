package dev.gantry.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.control.ControlOperations;
import dev.gantry.control.ControlPlane;
import dev.gantry.control.Ids;
import dev.gantry.control.ecs.Definitions;
import dev.gantry.control.session.AgentSessions;
import dev.gantry.control.session.PayloadMapping;
import dev.gantry.model.Change;
import dev.gantry.model.DesiredStatus;
import dev.gantry.model.LaunchType;
import dev.gantry.model.Resources;
import dev.gantry.model.Scope;
import dev.gantry.model.StopCode;
import dev.gantry.model.Task;
import dev.gantry.model.TaskDefinitionId;
import dev.gantry.model.TaskId;
import dev.gantry.model.TaskOrigin;
import dev.gantry.model.TaskStatus;
import dev.gantry.model.TaskStop;
import dev.gantry.model.TaskTimes;
import dev.gantry.store.Batch;
import dev.gantry.store.Journal;
import dev.gantry.store.MemoryLogStore;
import dev.gantry.store.RecordCodec;
import dev.gantry.store.State;
import dev.gantry.store.StoreException;
import dev.gantry.store.jdbc.SqliteJournal;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WriterTest {
  private static final Scope HERE = new Scope("000000000000", "us-east-1");
  private static final TaskId TASK = new TaskId(HERE, "default", "0123");

  @TempDir private Path directory = Path.of("unset");

  /// A task was stopped while it waited for a place, and the process died before its end.
  @Test
  void whatTheLastProcessLeftUndoneIsDoneThoughNobodyCalls() throws Exception {
    Path file = directory.resolve("state.db");
    try (Journal journal = SqliteJournal.open(file, new RecordCodec())) {
      State empty = journal.load();
      journal.start(new Quiet());
      journal.commit(Batch.after(empty, List.of(new Change.Put(stopping()))));
    }
    AtomicReference<String> failure = new AtomicReference<>("");
    try (Journal journal = SqliteJournal.open(file, new RecordCodec());
        Writer writer =
            new Writer(journal, new MemoryLogStore(), InstantSource.system(), failure::set)) {
      Ids ids = new Ids(new SplittableRandom(1));
      Definitions definitions = new Definitions();
      ControlPlane plane =
          new ControlPlane(
              ControlOperations.table(definitions),
              new AgentSessions(ids, new PayloadMapping(definitions), (call, frame, now) -> frame),
              journal.load(),
              ids);
      writer.start(plane);
      Task task = plane.snapshot().state().task(TASK);
      while (task != null
          && task.lastStatus() != TaskStatus.STOPPED
          && !Thread.currentThread().isInterrupted()) {
        Thread.onSpinWait();
        task = plane.snapshot().state().task(TASK);
      }
      assertThat(task).isNotNull();
    }
    assertThat(failure).hasValue("");
  }

  private static Task stopping() {
    return new Task(
        TASK,
        new TaskDefinitionId(HERE, "app", 1),
        null,
        new TaskOrigin(LaunchType.EC2, "family:app", null, "{}", null, "spare", null, false),
        TaskStatus.DEPROVISIONING,
        DesiredStatus.STOPPED,
        List.of(),
        Resources.NONE,
        TaskTimes.createdAt(InstantSource.system().instant()),
        new TaskStop(StopCode.USER_INITIATED, "Task stopped by user"),
        List.of(),
        2);
  }

  private static final class Quiet implements Journal.Listener {
    @Override
    public void durable(long revision) {}

    @Override
    public void failed(StoreException cause) {
      throw new IllegalStateException(cause);
    }
  }
}
