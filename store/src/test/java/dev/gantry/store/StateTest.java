package dev.gantry.store;

import static dev.gantry.store.Samples.SCOPE;
import static dev.gantry.store.Samples.cluster;
import static dev.gantry.store.Samples.definition;
import static dev.gantry.store.Samples.hex;
import static dev.gantry.store.Samples.instance;
import static dev.gantry.store.Samples.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.model.Change;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.DesiredStatus;
import dev.gantry.model.Entity;
import dev.gantry.model.EntityId;
import dev.gantry.model.Task;
import dev.gantry.model.TaskDefinition;
import dev.gantry.model.TaskDefinition.TaskDefinitionStatus;
import dev.gantry.model.TaskFamilyId;
import dev.gantry.model.TaskStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class StateTest {

  private static final ClusterId DEFAULT = new ClusterId(SCOPE, "default");

  private static State with(Entity... entities) {
    return State.empty().apply(puts(entities));
  }

  private static List<Change> puts(Entity... entities) {
    List<Change> changes = new ArrayList<>();
    for (Entity entity : entities) {
      changes.add(new Change.Put(entity));
    }
    return changes;
  }

  @Provide
  Arbitrary<List<Change>> changes() {
    Arbitrary<Entity> clusters =
        Arbitraries.of("a", "b", "c").map(Samples::cluster).map(Entity.class::cast);
    Arbitrary<Entity> tasks =
        Combinators.combine(
                Arbitraries.of("a", "b"),
                Arbitraries.integers().between(0, 12),
                Arbitraries.of(TaskStatus.values()))
            .as(Samples::task);
    return Combinators.combine(
            Arbitraries.oneOf(clusters, tasks), Arbitraries.integers().between(0, 3))
        .as((entity, dice) ->
            dice == 0 ? (Change) new Change.Remove(entity.id()) : (Change) new Change.Put(entity))
        .list()
        .ofMaxSize(80);
  }

  /// Whatever happens, the records are those put last and not removed, each index fits them, and
  /// loading them anew gives the same State.
  @Property(tries = 300)
  void holdsWhatWasPutLast(@ForAll("changes") List<Change> changes) {
    State state = State.empty();
    Map<EntityId, Entity> expected = new LinkedHashMap<>();
    for (Change change : changes) {
      state = state.apply(List.of(change));
      switch (change) {
        case Change.Put(Entity entity) -> expected.put(entity.id(), entity);
        case Change.Remove(EntityId id) -> expected.remove(id);
      }
    }

    state.check();
    assertThat(state.revision()).isEqualTo(changes.size());
    assertThat(state).isEqualTo(State.of(changes.size(), expected.values()));
    assertThat(state).isEqualTo(State.empty().apply(changes));
    RecordCodec codec = new RecordCodec();
    assertThat(state.digest(codec))
        .isEqualTo(State.of(changes.size(), expected.values()).digest(codec));
  }

  @Test
  void anOlderStateStaysAsItWas() {
    State before = with(cluster("default"), task("default", 1, TaskStatus.RUNNING));
    State after =
        before.apply(
            List.of(
                new Change.Put(task("default", 1, TaskStatus.STOPPED)),
                new Change.Remove(DEFAULT)));

    assertThat(before.cluster(DEFAULT)).isNotNull();
    assertThat(before.group(Index.TASKS_BY_LAST_STATUS, DEFAULT, TaskStatus.RUNNING).size())
        .isEqualTo(1);
    assertThat(after.cluster(DEFAULT)).isNull();
    assertThat(after.group(Index.TASKS_BY_LAST_STATUS, DEFAULT, TaskStatus.RUNNING)).isEmpty();
    assertThat(after.group(Index.TASKS_BY_LAST_STATUS, DEFAULT, TaskStatus.STOPPED)).hasSize(1);
    assertThat(after.revision()).isEqualTo(4);
  }

  @Test
  void findsEachKindById() {
    State state = State.empty().apply(puts(Samples.oneOfEach().toArray(Entity[]::new)));

    for (Entity entity : Samples.oneOfEach()) {
      assertThat(state.get(entity.id())).isEqualTo(entity);
    }
    assertThat(state.size()).isEqualTo(Samples.oneOfEach().size());
    state.check();
  }

  @Test
  void onlyLiveTasksTakeOfAnInstance() {
    ContainerInstanceId id = instance("default", 1).id();
    State state =
        with(
            task("default", 1, TaskStatus.RUNNING),
            task("default", 11, TaskStatus.STOPPED),
            task("default", 21, TaskStatus.PENDING),
            task("default", 31, TaskStatus.PROVISIONING));

    assertThat(state.group(Index.LIVE_TASKS_BY_CONTAINER_INSTANCE, id))
        .extracting(task -> task.id().id())
        .containsExactly(hex(1), hex(21));
    assertThat(state.group(Index.TASKS_BY_CONTAINER_INSTANCE, id)).hasSize(3);
  }

  @Test
  void theLastActiveRevisionIsTheFamilys() {
    TaskDefinition ten = definition("hello", 10);
    State state =
        with(
            definition("hello", 9),
            ten,
            definition("hello", 2),
            definition("hello", 11).deregistered(Samples.NOW));

    Group<?, TaskDefinition> active =
        state.group(
            Index.TASK_DEFINITIONS_BY_FAMILY,
            new TaskFamilyId(SCOPE, "hello"),
            TaskDefinitionStatus.ACTIVE);
    assertThat(active.last()).isEqualTo(ten);
    assertThat(active).extracting(d -> d.id().revision()).containsExactly(2, 9, 10);
    assertThat(active.descending()).extracting(d -> d.id().revision()).containsExactly(10, 9, 2);
  }

  /// A page goes on behind the last id it showed, whether or not that one still exists.
  @Test
  void pagesGoOnBehindAnId() {
    State state = State.empty();
    for (int i = 0; i < 100; i++) {
      state = state.apply(puts(task("default", i, TaskStatus.RUNNING)));
    }
    List<Task> seen = new ArrayList<>();
    Group<?, Task> first =
        state.group(Index.TASKS_BY_DESIRED_STATUS, DEFAULT, DesiredStatus.RUNNING);
    for (Task task : first) {
      if (seen.size() == 40) {
        break;
      }
      seen.add(task);
    }
    state = state.apply(List.of(new Change.Remove(seen.getLast().id())));
    state
        .group(Index.TASKS_BY_DESIRED_STATUS, DEFAULT, DesiredStatus.RUNNING)
        .after(seen.getLast().id())
        .forEach(seen::add);

    assertThat(seen).extracting(Task::version).hasSize(100).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void theFirstGroupByTimeIsTheNextToForget() {
    State state =
        with(
            task("default", 5, TaskStatus.STOPPED),
            task("default", 3, TaskStatus.STOPPED),
            task("default", 1, TaskStatus.RUNNING));

    var groups = state.groups(Index.TASKS_BY_STOPPED_AT);
    assertThat(groups.size()).isEqualTo(2);
    assertThat(groups.iterator().next().value())
        .containsExactly(task("default", 3, TaskStatus.STOPPED).id());
  }

  @Test
  void scopesDoNotMix() {
    State state = with(cluster("default"));

    assertThat(state.group(Index.CLUSTERS, SCOPE)).hasSize(1);
    assertThat(state.group(Index.CLUSTERS, new dev.gantry.model.Scope("000000000000", "eu-west-1")))
        .isEmpty();
  }

  @Test
  void refusesToLoadOneIdTwice() {
    assertThatThrownBy(() -> State.of(2, List.of(cluster("a"), cluster("a"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("CLUSTER:000000000000|us-east-1|a");
  }
}
