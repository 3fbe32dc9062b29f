package dev.gantry.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.model.Attribute;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.Resources;
import dev.gantry.model.Scope;
import dev.gantry.model.TaskId;
import dev.gantry.scheduler.PlacementRules.Constraint;
import dev.gantry.scheduler.Provisioning.Action;
import dev.gantry.scheduler.Provisioning.Host;
import dev.gantry.scheduler.Provisioning.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Tasks that wait for capacity. Hosts and tasks are known by their numbers, room by its MiB.
class ProvisioningTest {
  private static final Scope HERE = new Scope("000000000000", "us-east-1");
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Instant LATE = NOW.plus(Provisioning.LONGEST_WAIT);

  @Test
  void whoCameFirstChoosesFirstAndWhoDoesNotFitHoldsUpNobody() {
    Provisioning.Plan plan =
        plan(
            NOW,
            List.of(task(1, "a", 300), task(2, "a", 900), task(3, "a", 200)),
            host(1, "a", 600));

    assertThat(plan.actions()).containsExactly(place(1, 1), place(3, 1));
    assertThat(plan.wakeAt()).isEqualTo(LATE);
    assertThat(plan.complete()).isTrue();
  }

  @Test
  void whatOneTakesIsGoneForTheNext() {
    assertThat(
            plan(NOW, List.of(task(1, "a", 400), task(2, "a", 400)), host(1, "a", 600)).actions())
        .containsExactly(place(1, 1));
  }

  @Test
  void onlyInstancesOfItsProviderAreCandidates() {
    assertThat(plan(NOW, List.of(task(1, "a", 100)), host(1, "b", 600)).actions()).isEmpty();
    assertThat(
            plan(NOW, List.of(task(1, "a", 100)), host(1, "b", 600), host(2, "a", 200)).actions())
        .containsExactly(place(1, 2));
  }

  @Test
  void constraintsAreKept() {
    PlacementRules distinct =
        new PlacementRules(List.of(new Constraint.DistinctInstance()), List.of());
    assertThat(
            plan(
                    NOW,
                    List.of(task(1, "a", 100, distinct), task(2, "a", 100, distinct)),
                    host(1, "a", 600))
                .actions())
        .containsExactly(place(1, 1));
  }

  @Test
  void whoHasWaitedTooLongIsGivenUpWithTheReason() {
    TaskDemand needy =
        new TaskDemand(new Resources(0, 1, List.of()), List.of(new Attribute("gpu", "")));
    Waiting wantsAttribute = new Waiting(id(1), NOW, "a", "g", "needy", needy, PlacementRules.NONE);
    Host host = host(1, "a", 100);
    assertThat(reason(task(1, "a", 900))).isEqualTo("TaskFailedToStart: EMPTY CAPACITY PROVIDER");
    assertThat(reason(task(1, "a", 900), host)).isEqualTo("TaskFailedToStart: RESOURCE:MEMORY");
    assertThat(reason(wantsAttribute, host)).isEqualTo("TaskFailedToStart: ATTRIBUTE");
    assertThat(reason(task(1, "a", 1), with(host, true, false)))
        .isEqualTo("TaskFailedToStart: AGENT");
    assertThat(reason(task(1, "a", 1), with(host, false, true)))
        .isEqualTo("TaskFailedToStart: NO ACTIVE INSTANCES");
    PlacementRules distinct =
        new PlacementRules(List.of(new Constraint.DistinctInstance()), List.of());
    TreeMap<String, Integer> one = new TreeMap<>();
    one.put("g", 1);
    assertThat(reason(task(1, "a", 1, distinct), new Host(host.view(), "a", one, null)))
        .isEqualTo("TaskFailedToStart: DistinctInstance placement constraint unsatisfied");
  }

  @Test
  void whoHasWaitedTooLongIsPlacedIfThereIsRoomNow() {
    assertThat(plan(LATE, List.of(task(1, "a", 100)), host(1, "a", 600)).actions())
        .containsExactly(place(1, 1));
  }

  @Test
  void nobodyIsGivenUpBeforeAgentsHadTimeToComeBack() {
    Instant patience = LATE.plus(Duration.ofMinutes(2));
    Provisioning.Plan plan =
        Provisioning.plan(LATE, List.of(task(1, "a", 100)), List.of(), patience, 10, bound -> 0);
    assertThat(plan.actions()).isEmpty();
    assertThat(plan.wakeAt()).isEqualTo(patience);
  }

  @Test
  void oneTurnDoesOnlySoMuch() {
    Provisioning.Plan plan =
        Provisioning.plan(
            NOW,
            List.of(task(1, "a", 1), task(2, "a", 1), task(3, "a", 1)),
            List.of(host(1, "a", 600)),
            NOW,
            2,
            bound -> 0);
    assertThat(plan.actions()).hasSize(2);
    assertThat(plan.complete()).isFalse();
    assertThat(plan.wakeAt()).isEqualTo(NOW);
  }

  /// Safety: nothing is taken twice, nobody leaves the provider. Progress: whoever waits on had no
  /// place with what those before it left.
  @Test
  void whateverWaitsIsPlacedAsFarAsThereIsRoom() {
    Random random = new Random(11);
    for (int round = 0; round < 500; round++) {
      List<Host> hosts = new ArrayList<>();
      int[] free = new int[1 + random.nextInt(5)];
      for (int i = 0; i < free.length; i++) {
        free[i] = random.nextInt(1_000);
        hosts.add(host(i, "ab".substring(i % 2, i % 2 + 1), free[i]));
      }
      List<Waiting> waiting = new ArrayList<>();
      for (int i = 0; i < random.nextInt(12); i++) {
        waiting.add(task(i, random.nextBoolean() ? "a" : "b", 50 * (1 + random.nextInt(10))));
      }
      Provisioning.Plan plan = Provisioning.plan(NOW, waiting, hosts, NOW, 100, random::nextInt);
      int next = 0;
      for (Waiting task : waiting) {
        int needs = task.demand().resources().memoryMiB();
        if (next < plan.actions().size()
            && plan.actions().get(next) instanceof Action.Place(TaskId id, ContainerInstanceId on)
            && id.equals(task.id())) {
          int index = Integer.parseInt(on.id());
          assertThat(hosts.get(index).provider()).isEqualTo(task.provider());
          free[index] -= needs;
          assertThat(free[index]).isGreaterThanOrEqualTo(0);
          next++;
        } else {
          for (int i = 0; i < free.length; i++) {
            assertThat(hosts.get(i).provider().equals(task.provider()) && free[i] >= needs)
                .as("%s has a place on %s", task.id(), i)
                .isFalse();
          }
        }
      }
      assertThat(next).isEqualTo(plan.actions().size());
    }
  }

  private static Provisioning.Plan plan(Instant now, List<Waiting> waiting, Host... hosts) {
    return Provisioning.plan(now, waiting, List.of(hosts), NOW, 100, bound -> 0);
  }

  private static String reason(Waiting task, Host... hosts) {
    return plan(LATE, List.of(task), hosts).actions().getFirst()
            instanceof Action.GiveUp(TaskId id, String reason)
        ? reason
        : "not given up";
  }

  private static Action place(int task, int host) {
    return new Action.Place(id(task), new ContainerInstanceId(HERE, "default", "" + host));
  }

  private static TaskId id(int number) {
    return new TaskId(HERE, "default", "" + number);
  }

  private static Waiting task(int number, String provider, int memoryMiB) {
    return task(number, provider, memoryMiB, PlacementRules.NONE);
  }

  private static Waiting task(int number, String provider, int memoryMiB, PlacementRules rules) {
    return new Waiting(
        id(number),
        NOW,
        provider,
        "g",
        provider + "/" + memoryMiB,
        new TaskDemand(new Resources(0, memoryMiB, List.of()), List.of()),
        rules);
  }

  private static Host host(int number, String provider, int memoryMiB) {
    return new Host(
        new InstanceView(
            new ContainerInstanceId(HERE, "default", "" + number),
            true,
            true,
            1_000,
            memoryMiB,
            new TreeSet<>(),
            List.of()),
        provider,
        new TreeMap<>(),
        null);
  }

  private static Host with(Host host, boolean active, boolean connected) {
    InstanceView view = host.view();
    return new Host(
        new InstanceView(
            view.id(),
            active,
            connected,
            view.freeCpuUnits(),
            view.freeMemoryMiB(),
            view.takenPorts(),
            view.attributes()),
        host.provider(),
        host.groupTasks(),
        null);
  }
}
