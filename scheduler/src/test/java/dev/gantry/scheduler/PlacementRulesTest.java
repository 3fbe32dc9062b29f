package dev.gantry.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.model.Attribute;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.Resources;
import dev.gantry.model.Scope;
import dev.gantry.scheduler.PlacementRules.Constraint;
import dev.gantry.scheduler.PlacementRules.Resource;
import dev.gantry.scheduler.PlacementRules.Strategy;
import dev.gantry.scheduler.query.ClusterQuery;
import dev.gantry.scheduler.query.QueriedInstance;
import dev.gantry.scheduler.query.QuerySyntaxException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Constraints and strategies, over six instances in three zones.
class PlacementRulesTest {
  private static final Scope HERE = new Scope("000000000000", "us-east-1");
  private static final String ZONE = "ecs.availability-zone";
  private static final TaskDemand SMALL =
      new TaskDemand(new Resources(10, 100, List.of()), List.of());

  /// By name: free memory, and how many tasks of the group are there.
  private final Map<String, int[]> hosts = new LinkedHashMap<>();

  PlacementRulesTest() {
    for (String name : List.of("a1", "a2", "b1", "b2", "c1", "c2")) {
      hosts.put(name, new int[] {1_000, 0});
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          spread zone                | a1 b1 c1 a1 b1 c1
          spread zone, spread host   | a1 b1 c1 a2 b2 c2
          spread host                | a1 a2 b1 b2 c1 c2
          binpack memory             | a1 a1 a1 a1 a1 a1
          binpack cpu                | a1 a1 a1 a1 a1 a1
          spread zone, binpack memory| a1 b1 c1 a1 b1 c1
          none                       | a1 a1 a1 a1 a1 a1
          """)
  void placesSix(String strategies, String expected) {
    assertThat(String.join(" ", run(6, rules(strategies)))).isEqualTo(expected);
  }

  @Test
  void binpackPrefersWhatIsFullest() {
    host("b2")[0] = 350;
    assertThat(run(5, rules("binpack memory"))).containsExactly("b2", "b2", "b2", "a1", "a1");
  }

  @Test
  void spreadCountsTasksOnHostsThatAreFullToo() {
    host("a1")[0] = 0;
    host("a1")[1] = 5;
    assertThat(run(2, rules("spread zone"))).containsExactly("b1", "c1");
  }

  @Test
  void distinctInstancesRunOut() {
    List<String> placed =
        run(7, new PlacementRules(List.of(new Constraint.DistinctInstance()), List.of()));
    assertThat(placed)
        .containsExactly(
            "a1",
            "a2",
            "b1",
            "b2",
            "c1",
            "c2",
            "DistinctInstance placement constraint unsatisfied.");
  }

  @Test
  void membersOnly() throws QuerySyntaxException {
    List<String> placed =
        run(
            11,
            new PlacementRules(
                List.of(
                    new Constraint.MemberOf(
                        ClusterQuery.parse("attribute:" + ZONE + " == zone-b"))),
                List.of(new Strategy.SpreadOverInstances())));
    assertThat(placed).contains("b1", "b2").doesNotContain("a1", "a2", "c1", "c2");
    hosts.values().forEach(host -> host[0] = 0);
    assertThat(placed).doesNotContain("MemberOf placement constraint unsatisfied.");
    PlacementRules nowhere =
        new PlacementRules(
            List.of(new Constraint.MemberOf(ClusterQuery.parse("attribute:gpu exists"))),
            List.of());
    hosts.values().forEach(host -> host[0] = 1_000);
    assertThat(run(1, nowhere)).containsExactly("MemberOf placement constraint unsatisfied.");
  }

  /// What binds is never broken and room is never exceeded, whatever is asked.
  @Test
  void randomRulesKeepToWhatBinds() throws QuerySyntaxException {
    Random random = new Random(7);
    List<Strategy> strategies =
        List.of(
            new Strategy.Random(),
            new Strategy.SpreadOverAttribute(ZONE),
            new Strategy.SpreadOverAttribute("nothing"),
            new Strategy.SpreadOverInstances(),
            new Strategy.Binpack(Resource.CPU),
            new Strategy.Binpack(Resource.MEMORY));
    ClusterQuery notA = ClusterQuery.parse("attribute:" + ZONE + " != zone-a");
    for (int round = 0; round < 500; round++) {
      hosts
          .values()
          .forEach(host -> {
            host[0] = random.nextInt(400);
            host[1] = 0;
          });
      int room = 0;
      for (Map.Entry<String, int[]> host : hosts.entrySet()) {
        room += host.getKey().startsWith("a") ? 0 : host.getValue()[0] / 100;
      }
      List<Strategy> some = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        some.add(strategies.get(random.nextInt(strategies.size())));
      }
      List<String> placed =
          run(30, new PlacementRules(List.of(new Constraint.MemberOf(notA)), some));
      assertThat(placed).noneMatch(name -> name.startsWith("a"));
      // Everything that fits is placed: strategies never cost a place.
      assertThat(placed.stream().filter(hosts::containsKey).count()).isEqualTo(Math.min(30, room));
      hosts.values().forEach(host -> assertThat(host[0]).isNotNegative());
    }
  }

  private int[] host(String name) {
    return Objects.requireNonNull(hosts.get(name));
  }

  private static PlacementRules rules(String strategies) {
    List<Strategy> list = new ArrayList<>();
    for (String strategy : strategies.split(",", -1)) {
      switch (strategy.strip()) {
        case "spread zone" -> list.add(new Strategy.SpreadOverAttribute(ZONE));
        case "spread host" -> list.add(new Strategy.SpreadOverInstances());
        case "binpack memory" -> list.add(new Strategy.Binpack(Resource.MEMORY));
        case "binpack cpu" -> list.add(new Strategy.Binpack(Resource.CPU));
        case "none" -> {
          // First fit.
        }
        default -> throw new IllegalArgumentException(strategy);
      }
    }
    return new PlacementRules(List.of(), list);
  }

  /// Places one task after the other: the names of the instances, or the reason at the end.
  private List<String> run(int count, PlacementRules rules) {
    Random random = new Random(1);
    List<String> outcome = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<Candidate> candidates = new ArrayList<>();
      hosts.forEach((name, host) -> candidates.add(candidate(name, host[0], host[1])));
      switch (Placement.place(candidates, SMALL, rules, random::nextInt)) {
        case Placement.Placed(ContainerInstanceId id) -> {
          host(id.id())[0] -= 100;
          host(id.id())[1]++;
          outcome.add(id.id());
        }
        case Placement.Unplaceable no -> outcome.add(no.closest().reason().spelling());
      }
    }
    return outcome;
  }

  private static Candidate candidate(String name, int freeMemoryMiB, int groupTasks) {
    List<Attribute> attributes = List.of(new Attribute(ZONE, "zone-" + name.charAt(0)));
    return new Candidate(
        new InstanceView(
            new ContainerInstanceId(HERE, "default", name),
            true,
            true,
            freeMemoryMiB,
            freeMemoryMiB,
            new TreeSet<>(),
            attributes),
        groupTasks,
        new QueriedInstance(true, null, null, Instant.EPOCH, 0, attributes, new TreeSet<>()));
  }
}
