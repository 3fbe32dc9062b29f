package dev.gantry.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.model.Attribute;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.Resources;
import dev.gantry.model.Scope;
import dev.gantry.model.TaskId;
import dev.gantry.scheduler.PlacementRules.Constraint;
import dev.gantry.scheduler.PlacementRules.Strategy;
import dev.gantry.scheduler.Provisioning.Action;
import dev.gantry.scheduler.Provisioning.Host;
import dev.gantry.scheduler.Provisioning.Hosts;
import dev.gantry.scheduler.Provisioning.Limits;
import dev.gantry.scheduler.Provisioning.Plan;
import dev.gantry.scheduler.Provisioning.Waiting;
import dev.gantry.scheduler.query.ClusterQuery;
import dev.gantry.scheduler.query.QueriedInstance;
import dev.gantry.scheduler.query.QuerySyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Tasks that wait for capacity. Hosts and tasks are known by their numbers, room by its MiB.
class ProvisioningTest {
  private static final Scope HERE = new Scope("000000000000", "us-east-1");
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Limits MANY = new Limits(100, 100);
  private static final SortedSet<String> NOTHING = new TreeSet<>();
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
        Provisioning.plan(
            LATE, List.of(task(1, "a", 100)), anew(List.of()), NOTHING, patience, MANY, bound -> 0);
    assertThat(plan.actions()).isEmpty();
    assertThat(plan.wakeAt()).isEqualTo(patience);
  }

  @Test
  void oneTurnDoesOnlySoMuch() {
    Provisioning.Plan plan =
        Provisioning.plan(
            NOW,
            List.of(task(1, "a", 1), task(2, "a", 1), task(3, "a", 1)),
            anew(List.of(host(1, "a", 600))),
            NOTHING,
            NOW,
            new Limits(2, 10),
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
      Provisioning.Plan plan =
          Provisioning.plan(NOW, waiting, anew(hosts), NOTHING, NOW, MANY, random::nextInt);
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

  /// A look spares what is known and changes nothing: with what the last plan knew and the hosts
  /// that changed since, the next one does exactly what it would do if it knew nothing.
  @Test
  void whatIsKnownSparesLooksAndChangesNothing() {
    Random random = new Random(12);
    List<PlacementRules> rules =
        List.of(
            PlacementRules.NONE,
            new PlacementRules(List.of(new Constraint.DistinctInstance()), List.of()),
            new PlacementRules(
                List.of(), List.of(new Strategy.Binpack(PlacementRules.Resource.MEMORY))),
            new PlacementRules(List.of(), List.of(new Strategy.SpreadOverInstances())),
            new PlacementRules(
                List.of(),
                List.of(
                    new Strategy.SpreadOverAttribute("zone"), new Strategy.SpreadOverInstances())),
            member("task:group == h"),
            member("runningTasksCount >= 1"));
    int placed = 0;
    int givenUp = 0;
    int spared = 0;
    for (int round = 0; round < 300; round++) {
      TreeMap<Integer, Host> hosts = new TreeMap<>();
      List<Waiting> waiting = new ArrayList<>();
      TreeSet<Integer> changed = new TreeSet<>();
      SortedSet<String> hopeless = NOTHING;
      Instant now = NOW;
      for (int step = 0; step < 20; step++) {
        for (int i = 0; i < random.nextInt(3); i++) {
          int number = random.nextInt(6);
          hosts.put(number, anyHost(random, number));
          changed.add(number);
        }
        if (random.nextInt(4) == 0 && !hosts.isEmpty()) {
          int gone = hosts.firstKey();
          hosts.remove(gone);
          changed.add(gone);
        }
        for (int i = 0; i < random.nextInt(4); i++) {
          int rule = random.nextInt(rules.size());
          int memoryMiB = 100 * (1 + random.nextInt(5));
          String group = random.nextBoolean() ? "g" : "h";
          waiting.add(
              new Waiting(
                  id(1_000 * step + i),
                  now,
                  "a",
                  group,
                  rule + group + memoryMiB,
                  new TaskDemand(new Resources(0, memoryMiB, List.of()), List.of()),
                  rules.get(rule)));
        }
        Counting counting = new Counting(hosts, changed);
        Plan knowing = Provisioning.plan(now, waiting, counting, hopeless, NOW, MANY, bound -> 0);
        Plan anew =
            Provisioning.plan(
                now, waiting, anew(List.copyOf(hosts.values())), NOTHING, NOW, MANY, bound -> 0);
        assertThat(knowing).as("round %s, step %s", round, step).isEqualTo(anew);
        spared += counting.all == 0 && !waiting.isEmpty() ? 1 : 0;
        hopeless = knowing.hopeless();
        changed.clear();
        for (Action action : knowing.actions()) {
          switch (action) {
            case Action.Place(TaskId id, ContainerInstanceId on) -> {
              int number = Integer.parseInt(on.id());
              Waiting task =
                  waiting.stream().filter(one -> one.id().equals(id)).findFirst().orElseThrow();
              hosts.compute(number, (_, host) -> taken(Objects.requireNonNull(host), task));
              changed.add(number);
              waiting.remove(task);
              placed++;
            }
            case Action.GiveUp(TaskId id, _) -> {
              waiting.removeIf(one -> one.id().equals(id));
              givenUp++;
            }
          }
        }
        now = now.plus(Duration.ofMinutes(random.nextInt(6)));
      }
    }
    // The rounds were not all alike.
    assertThat(placed).isGreaterThan(1_000);
    assertThat(givenUp).isGreaterThan(100);
    assertThat(spared).isGreaterThan(500);
  }

  @Test
  void aChangedHostIsLookedAtAlone() {
    List<Waiting> waiting = List.of(task(1, "a", 700), task(2, "a", 300), task(3, "a", 300));
    TreeMap<Integer, Host> hosts = new TreeMap<>();
    hosts.put(1, host(1, "a", 200));
    hosts.put(2, host(2, "a", 200));
    Counting first = new Counting(hosts, new TreeSet<>());
    Plan before = Provisioning.plan(NOW, waiting, first, NOTHING, NOW, MANY, bound -> 0);
    assertThat(before.actions()).isEmpty();
    assertThat(before.hopeless()).containsExactly("a/300", "a/700");
    assertThat(first.all).isEqualTo(1);

    hosts.put(2, host(2, "a", 300));
    Counting second = new Counting(hosts, new TreeSet<>(List.of(2)));
    Plan after = Provisioning.plan(NOW, waiting, second, before.hopeless(), NOW, MANY, bound -> 0);
    assertThat(after.actions()).containsExactly(place(2, 2));
    assertThat(after.hopeless()).containsExactly("a/300", "a/700");
    assertThat(after.wakeAt()).isEqualTo(LATE);
    assertThat(second.all).isZero();
  }

  /// Who is not looked at for want of a look is not known to be hopeless.
  @Test
  void onePlanLooksOnlySoOften() {
    List<Waiting> waiting = List.of(task(1, "a", 700), task(2, "a", 800), task(3, "a", 100));
    List<Host> hosts = List.of(host(1, "a", 200));
    Limits one = new Limits(100, 1);
    Plan first = Provisioning.plan(NOW, waiting, anew(hosts), NOTHING, NOW, one, bound -> 0);
    assertThat(first.actions()).isEmpty();
    assertThat(first.complete()).isFalse();
    assertThat(first.hopeless()).containsExactly("a/700");
    Plan second =
        Provisioning.plan(NOW, waiting, anew(hosts), first.hopeless(), NOW, one, bound -> 0);
    assertThat(second.complete()).isFalse();
    assertThat(second.hopeless()).containsExactly("a/700", "a/800");
    Plan third =
        Provisioning.plan(NOW, waiting, anew(hosts), second.hopeless(), NOW, one, bound -> 0);
    assertThat(third.complete()).isTrue();
    assertThat(third.actions()).containsExactly(place(3, 1));
  }

  private static PlacementRules member(String expression) {
    try {
      return new PlacementRules(
          List.of(new Constraint.MemberOf(ClusterQuery.parse(expression))), List.of());
    } catch (QuerySyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /// Of any room, in any zone, with or without tasks, sometimes not connected or of another
  /// provider.
  private static Host anyHost(Random random, int number) {
    TreeMap<String, Integer> groups = new TreeMap<>();
    for (String group : List.of("g", "h")) {
      if (random.nextInt(3) == 0) {
        groups.put(group, 1 + random.nextInt(2));
      }
    }
    Host host = host(number, random.nextInt(5) == 0 ? "b" : "a", random.nextInt(600));
    InstanceView view = host.view();
    List<Attribute> attributes = List.of(new Attribute("zone", "z" + random.nextInt(2)));
    return new Host(
        new InstanceView(
            view.id(),
            true,
            random.nextInt(5) > 0,
            view.freeCpuUnits(),
            view.freeMemoryMiB(),
            view.takenPorts(),
            attributes),
        host.provider(),
        groups,
        new QueriedInstance(
            true, null, null, NOW, random.nextInt(2), attributes, new TreeSet<>(groups.keySet())));
  }

  /// The host with one more task.
  private static Host taken(Host host, Waiting task) {
    TreeMap<String, Integer> groups = new TreeMap<>(host.groupTasks());
    groups.merge(task.group(), 1, Integer::sum);
    QueriedInstance queried = Objects.requireNonNull(host.queried());
    return new Host(
        host.view().without(task.demand().resources()),
        host.provider(),
        groups,
        new QueriedInstance(
            true,
            null,
            null,
            NOW,
            queried.runningTasksCount(),
            queried.attributes(),
            new TreeSet<>(groups.keySet())));
  }

  /// Hosts by their numbers, which counts how often all of them are looked up.
  private static final class Counting implements Hosts {
    private final SortedMap<Integer, Host> hosts;
    private final SortedSet<Integer> changed;
    private int all;

    Counting(SortedMap<Integer, Host> hosts, SortedSet<Integer> changed) {
      this.hosts = hosts;
      this.changed = changed;
    }

    @Override
    public List<Host> all() {
      all++;
      return List.copyOf(hosts.values());
    }

    @Override
    public List<Host> changed() {
      return hosts.entrySet().stream()
          .filter(host -> changed.contains(host.getKey()))
          .map(Map.Entry::getValue)
          .toList();
    }
  }

  /// Hosts of which nothing is known.
  private static Hosts anew(List<Host> hosts) {
    return new Hosts() {
      @Override
      public List<Host> all() {
        return hosts;
      }

      @Override
      public List<Host> changed() {
        return List.of();
      }
    };
  }

  private static Provisioning.Plan plan(Instant now, List<Waiting> waiting, Host... hosts) {
    return Provisioning.plan(now, waiting, anew(List.of(hosts)), NOTHING, NOW, MANY, bound -> 0);
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
