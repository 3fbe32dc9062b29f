package dev.gantry.bench;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.gantry.api.ecs.Attribute;
import dev.gantry.api.ecs.DescribeClustersRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.ListTasksRequest;
import dev.gantry.api.ecs.PlacementConstraint;
import dev.gantry.api.ecs.PlacementStrategy;
import dev.gantry.api.ecs.PutAttributesRequest;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.StartTaskRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.slf4j.LoggerFactory;

/// What a cluster as large as its quota allows costs the single writer: a change while as many
/// tasks as may do so wait for capacity, against the same change while none waits; RunTask, and
/// what readers ask, against the same in a cluster of ten hosts.
///
/// All of it in this process, see [Fleet]: neither sockets nor a journal take part.
final class ManyHosts {
  private static final int WAITING = 500;
  private static final int FEW = 10;
  private static final double REACH_CHANGE_MILLIS = 1;
  private static final double REACH_CALL_MILLIS = 10;

  private ManyHosts() {}

  /// One thing that is done again and again.
  @FunctionalInterface
  private interface Deed {
    void run(Fleet fleet, int round) throws IOException;
  }

  /// A change, in words.
  private record Change(String words, Deed deed) {}

  /// None of them makes a place for a task that takes a whole host.
  private static final List<Change> CHANGES =
      List.of(
          new Change("a task ends", ManyHosts::stop),
          new Change("a task is started", ManyHosts::start),
          new Change("an attribute is put", ManyHosts::put),
          new Change("an agent comes back", (fleet, round) -> fleet.reconnect(round)));

  static List<Row> measure(Settings settings) throws IOException {
    if (LoggerFactory.getLogger("dev.gantry.control") instanceof Logger logger) {
      logger.setLevel(Level.WARN);
    }
    List<Row> rows = new ArrayList<>();
    // The first round warms up, and is not shown.
    changes(FEW * FEW, settings);
    calls(FEW * FEW, settings);
    for (int hosts : settings.fleets()) {
      rows.addAll(changes(hosts, settings));
      rows.addAll(calls(hosts, settings));
    }
    return rows;
  }

  private static List<Row> changes(int hosts, Settings settings) throws IOException {
    List<Row> rows = new ArrayList<>();
    Fleet none = new Fleet(hosts, 4);
    Fleet alike = new Fleet(hosts, 4);
    alike.letWait(Fleet.WHOLE, WAITING, true);
    Fleet unlike = new Fleet(hosts, 4);
    unlike.letWait(Fleet.WHOLE, WAITING, false);
    for (Change change : CHANGES) {
      Figures floor = figures(none, settings.changes(), change.deed);
      Figures same = figures(alike, settings.changes(), change.deed);
      Figures different = figures(unlike, settings.changes(), change.deed);
      rows.add(row(hosts, change.words + ", 500 alike wait", same, floor, "none waits"));
      rows.add(row(hosts, change.words + ", 500 unlike wait", different, floor, "none waits"));
    }
    // Last, since it takes those that wait.
    Figures floor = figures(none, settings.changes(), ManyHosts::stop);
    Fleet fitting = new Fleet(hosts, 4);
    fitting.letWait(Fleet.QUARTER, WAITING, true);
    Figures placed = figures(fitting, settings.changes(), ManyHosts::stop);
    rows.add(row(hosts, "a task ends and one of 500 takes its place", placed, floor, "none waits"));
    return rows;
  }

  private static void stop(Fleet fleet, int round) throws IOException {
    fleet.report(fleet.takeRunning(), "STOPPED");
  }

  /// In the places that [#stop] left.
  private static void start(Fleet fleet, int round) throws IOException {
    var response =
        fleet.call(
            Ecs.START_TASK,
            StartTaskRequest.builder()
                .cluster(Fleet.CLUSTER)
                .taskDefinition(Fleet.QUARTER)
                .containerInstances(List.of(fleet.host(round)))
                .build());
    if (Objects.requireNonNull(response.tasks()).size() != 1) {
      throw new IOException("nothing was started: " + response.failures());
    }
  }

  private static void put(Fleet fleet, int round) throws IOException {
    fleet.call(
        Ecs.PUT_ATTRIBUTES,
        PutAttributesRequest.builder()
            .cluster(Fleet.CLUSTER)
            .attributes(
                List.of(
                    Attribute.builder()
                        .name("round")
                        .value("" + round)
                        .targetId(fleet.host(round))
                        .build()))
            .build());
  }

  private static List<Row> calls(int hosts, Settings settings) throws IOException {
    List<Row> rows = new ArrayList<>();
    Fleet many = new Fleet(hosts, 2);
    PlacementStrategy zone =
        PlacementStrategy.builder().type("spread").field("attribute:ecs.availability-zone").build();
    PlacementStrategy host = PlacementStrategy.builder().type("spread").field("instanceId").build();
    PlacementStrategy pack = PlacementStrategy.builder().type("binpack").field("memory").build();
    PlacementConstraint member =
        PlacementConstraint.builder()
            .type("memberOf")
            .expression("attribute:ecs.instance-type =~ g5.* and task:group != nothing")
            .build();
    call(rows, "RunTask", many, settings, Fleet.run(Fleet.SMALL, 1).build());
    call(rows, "RunTask of 10", many, settings, Fleet.run(Fleet.SMALL, 10).build());
    call(
        rows,
        "RunTask, binpack",
        many,
        settings,
        Fleet.run(Fleet.SMALL, 1).placementStrategy(List.of(pack)).build());
    call(
        rows,
        "RunTask of 10, spread over zones and hosts",
        many,
        settings,
        Fleet.run(Fleet.SMALL, 10).placementStrategy(List.of(zone, host)).build());
    call(
        rows,
        "RunTask, memberOf",
        many,
        settings,
        Fleet.run(Fleet.SMALL, 1).placementConstraints(List.of(member)).build());
    call(rows, "RunTask that waits", many, settings, Fleet.wait(Fleet.WHOLE, 1).build());
    Deed list =
        (fleet, _) ->
            fleet.call(Ecs.LIST_TASKS, ListTasksRequest.builder().cluster(Fleet.CLUSTER).build());
    rows.add(
        row(
            hosts,
            "ListTasks, a page",
            figures(many, settings.changes(), list),
            figures(new Fleet(FEW, 2), settings.changes(), list),
            FEW + " hosts"));
    Deed describe =
        (fleet, _) ->
            fleet.call(
                Ecs.DESCRIBE_CLUSTERS,
                DescribeClustersRequest.builder()
                    .clusters(List.of(Fleet.CLUSTER))
                    .include(List.of("STATISTICS"))
                    .build());
    rows.add(
        row(
            hosts,
            "DescribeClusters, statistics",
            figures(many, settings.changes(), describe),
            figures(new Fleet(FEW, 2), settings.changes(), describe),
            FEW + " hosts"));
    return rows;
  }

  private static void call(
      List<Row> rows, String what, Fleet many, Settings settings, RunTaskRequest input)
      throws IOException {
    Deed run = (fleet, _) -> fleet.call(Ecs.RUN_TASK, input);
    rows.add(
        row(
            many.size(),
            what,
            figures(many, settings.changes(), run),
            figures(new Fleet(FEW, 2), settings.changes(), run),
            FEW + " hosts"));
  }

  private static Figures figures(Fleet fleet, int rounds, Deed deed) throws IOException {
    Figures figures = new Figures();
    for (int round = 0; round < rounds; round++) {
      fleet.reset();
      deed.run(fleet, round);
      figures.add(fleet.spent());
    }
    return figures;
  }

  private static Row row(int hosts, String what, Figures measured, Figures floor, String peer) {
    double reach = peer.startsWith("none") ? REACH_CHANGE_MILLIS : REACH_CALL_MILLIS;
    double median = measured.medianMillis();
    return new Row(
        String.format(Locale.ROOT, "%,d hosts: %s", hosts, what),
        String.format(
            Locale.ROOT, "p50 %.3f ms, p99 %.2f ms", median, measured.percentileMillis(99)),
        String.format(Locale.ROOT, "%s p50 %.3f ms", peer, floor.medianMillis()),
        String.format(Locale.ROOT, "%.1f times", median / floor.medianMillis()),
        String.format(Locale.ROOT, "<= %.0f ms", reach),
        median <= reach);
  }
}
