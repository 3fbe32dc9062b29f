package dev.gantry.sim;

import dev.gantry.agent.AgentCore;
import dev.gantry.agent.AgentSettings;
import dev.gantry.agent.ImageCleanup;
import dev.gantry.agent.PullBehaviour;
import dev.gantry.store.RecordCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// One run: a world made of a seed, broken for so many steps, then healed and watched.
///
/// **Phase one** breaks things while clients work, and checks what must hold after every event.
/// **Phase two** heals everything, and demands rest within [Budget#REST], and that it lasts.
/// **Phase three** stops every task, and demands an empty world within [Budget#EMPTY].
final class Simulation {
  /// How often a healed world is asked whether it is at rest.
  private static final Duration LOOK = Duration.ofSeconds(1);

  /// How a run ended.
  ///
  /// @param violation what did not hold, or null
  /// @param digest two runs of one seed have the same
  /// @param restAfter how long after the healing the world was at rest; null if it never was
  /// @param lastLines what happened last, for whoever looks for the cause; empty if all held
  record Outcome(
      long seed,
      int steps,
      @Nullable Violation violation,
      String digest,
      long allSteps,
      Duration simulated,
      @Nullable Duration restAfter,
      SortedMap<String, Integer> tally,
      List<Faults.Kind> faults,
      List<String> lastLines) {
    /// All that was done, so that two runs can be compared.
    String did() {
      return allSteps + " events in " + simulated + " to " + digest;
    }

    /// This run, found wanting after all.
    Outcome with(Violation found) {
      return new Outcome(
          seed, steps, found, digest, allSteps, simulated, restAfter, tally, faults, lastLines);
    }
  }

  private final long seed;
  private final int steps;
  private final Trace trace;
  private final World world;
  private final Tally tally = new Tally();
  private final Book book = new Book();
  private final HostChecks hostChecks = new HostChecks();
  private final SimControl control;
  private final Faults faults;
  private final List<SimNode> nodes = new ArrayList<>();
  private final List<SimClient> clients = new ArrayList<>();
  private final SimOperator operator;
  private final CapacityClient capacity;
  private final Rest rest;
  private @Nullable Duration restAfter;

  /// @param steps how many events phase one has
  Simulation(long seed, int steps, Seams seams, Trace trace) {
    this.seed = seed;
    this.steps = steps;
    this.trace = trace;
    this.world = new World(seed, trace);
    Checks checks = new Checks(tally);
    this.control = new SimControl(world, checks, seams, tally, new RecordCodec());
    SimNetwork network = new SimNetwork(world, control, tally, seams);
    control.join(network);
    Chance chance = world.chance("shape");
    List<String> clusters = chance.oneIn(4) ? List.of("default", "other") : List.of("default");
    int hosts = chance.between(1, 4);
    tally.count("world of " + hosts + (hosts == 1 ? " host" : " hosts"));
    for (int i = 1; i <= hosts; i++) {
      nodes.add(
          new SimNode(
              "host" + i,
              world,
              network,
              hostChecks,
              tally,
              settings(clusters.get((i - 1) % clusters.size()), i, chance),
              chance
                  .between(Duration.ZERO, Budget.WORST_CLOCK)
                  .multipliedBy(chance.oneIn(2) ? 1 : -1),
              seams));
    }
    int users = chance.between(1, 3);
    for (int i = 1; i <= users; i++) {
      clients.add(new SimClient("client" + i, world, network, checks, book, tally, clusters));
    }
    this.faults = new Faults(world, control, network, nodes, tally);
    this.operator = new SimOperator(world, network, book, tally, clusters, nodes);
    this.capacity = new CapacityClient(world, network, checks, book, tally);
    this.rest = new Rest(control, nodes, clients, operator, capacity, book);
  }

  private static AgentSettings settings(String cluster, int host, Chance chance) {
    return AgentSettings.builder(cluster, SimControl.REGION, "home-of-host" + host)
        .createCluster(chance.oneIn(2))
        .pullBehaviour(chance.pick(List.of(PullBehaviour.values())))
        .imageCleanup(
            chance.pick(
                List.of(
                    ImageCleanup.STANDARD,
                    new ImageCleanup(Duration.ofSeconds(5), Duration.ZERO, 5),
                    new ImageCleanup(Duration.ofSeconds(40), Duration.ofSeconds(20), 1))))
        .cleanupWait(
            chance.pick(
                List.of(
                    Duration.ZERO,
                    Duration.ofSeconds(20),
                    Duration.ofMinutes(2),
                    Budget.LONGEST_CLEANUP_WAIT)))
        .stopTimeout(Duration.ofSeconds(30))
        .attributes(CapacityClient.attributes(host))
        .build();
  }

  /// Runs it to its end.
  Outcome run() {
    Violation violation = null;
    String digest = "";
    try {
      control.boot();
      nodes.forEach(SimNode::boot);
      clients.forEach(SimClient::begin);
      operator.begin();
      capacity.begin();
      faults.begin();
      breakThings();
      heal();
      empty();
      digest = control.digest() + "-" + Long.toHexString(world.history());
    } catch (Violation e) {
      violation = e;
    } catch (RuntimeException e) {
      violation = new Violation(Invariant.NO_FAULT, "the simulated world failed", e);
    }
    return new Outcome(
        seed,
        steps,
        violation,
        digest,
        world.steps(),
        Duration.between(World.START, world.now()),
        restAfter,
        tally.all(),
        faults.kinds(),
        violation == null ? List.of() : trace.last());
  }

  private void breakThings() {
    while (world.steps() < steps && world.step()) {
      // Everything is checked where it happens.
    }
  }

  private void heal() {
    trace.note("phase", () -> "everything is healed");
    clients.forEach(SimClient::rest);
    operator.rest();
    capacity.rest();
    faults.heal();
    Instant healed = world.now();
    // A request that its caller has given up may still arrive.
    pass(Budget.SLOWEST_NETWORK);
    await(healed.plus(Budget.REST), rest::complaint);
    restAfter = Duration.between(healed, world.now());
    trace.note("phase", () -> "at rest");
    int dials = dials();
    Instant until = world.now().plus(Budget.WATCHED);
    while (world.now().isBefore(until)) {
      pass(LOOK);
      Rest.Complaint complaint = rest.complaint();
      // What an agent's last life has told of its host stands until this one tells INITIALIZING.
      boolean passing = complaint != null && complaint.invariant() == Invariant.HEALTH;
      if (complaint != null && !passing && control.isQuiet()) {
        throw new Violation(complaint.invariant(), "at rest before, but now " + complaint.text());
      }
      if (dials() != dials) {
        throw new Violation(Invariant.CONNECTED, "an agent at rest dials again");
      }
    }
    await(until.plus(Budget.HEALTH), rest::complaint);
  }

  private int dials() {
    return nodes.stream().mapToInt(SimNode::dials).sum();
  }

  private void empty() {
    trace.note("phase", () -> "every task is stopped");
    boolean[] stopped = new boolean[1];
    clients.getFirst().stopAll(rest.wanted(), () -> stopped[0] = true);
    Instant began = world.now();
    await(
        began.plus(Budget.EMPTY),
        () ->
            stopped[0]
                ? rest.leftover(false)
                : new Rest.Complaint(Invariant.DESIRED_STATUS, "not all tasks could be stopped"));
    if (rest.leftover(true) != null) {
      tally.count("left for the next start");
      nodes.forEach(SimNode::crash);
      nodes.forEach(SimNode::boot);
      await(world.now().plus(Budget.EMPTY), () -> rest.leftover(true));
    }
    Rest.Complaint lost = rest.lostOutput();
    if (lost != null) {
      throw new Violation(lost.invariant(), lost.text());
    }
  }

  /// Fails with what stands, not with what passes: an agent may be renewing its connection at the
  /// very deadline.
  private void await(Instant deadline, java.util.function.Supplier<Rest.@Nullable Complaint> look) {
    Rest.Complaint complaint = look.get();
    Rest.Complaint standing = complaint;
    while (complaint != null) {
      if (standing != null && world.now().isAfter(deadline)) {
        throw new Violation(standing.invariant(), "in time, but " + standing.text());
      }
      pass(LOOK);
      Rest.Complaint next = look.get();
      if (next != null && next.invariant() == complaint.invariant()) {
        standing = next;
      }
      complaint = next;
    }
  }

  private void pass(Duration time) {
    boolean[] over = new boolean[1];
    world.after(time, "time passes", () -> over[0] = true);
    while (!over[0]) {
      world.step();
    }
  }

  /// Where the agents stand, for a person.
  List<AgentCore.@Nullable Summary> agents() {
    List<AgentCore.@Nullable Summary> summaries = new ArrayList<>();
    nodes.forEach(node -> summaries.add(node.summary()));
    return summaries;
  }
}
