package dev.gantry.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What breaks, and when. Each run draws the kinds of fault it suffers from, so that some runs are
/// about one thing and some about everything.
final class Faults {
  /// The kinds. What each does to whom stands in [#strike].
  enum Kind {
    CONTROL_DIES,
    CONTROL_DIES_BETWEEN_STEPS,
    CONTROL_DISK_FAILS,
    CONTROL_DISK_IS_SLOW,
    CONTROL_JOURNAL_IS_FULL,
    AGENT_DIES,
    AGENT_DIES_BETWEEN_STEPS,
    AGENT_DISK_FAILS,
    HOST_LOSES_POWER,
    HOST_IS_CUT_OFF,
    SOCKET_BREAKS,
    NETWORK_LOSES,
    NETWORK_IS_SLOW,
    ENGINE_STOPS,
    ENGINE_IS_SLOW,
    ENGINE_FAILS
  }

  private static final int MOST_STEPS_TO_DEATH = 60;
  private static final List<Duration> LENGTHS =
      List.of(
          Duration.ofSeconds(1),
          Duration.ofSeconds(5),
          Duration.ofSeconds(20),
          Duration.ofSeconds(90),
          Budget.LONGEST_FAULT);

  private final World world;
  private final Chance chance;
  private final SimControl control;
  private final SimNetwork network;
  private final List<SimNode> nodes;
  private final Tally tally;
  private final List<Kind> kinds = new ArrayList<>();
  private final Duration pause;
  private boolean healed;

  Faults(World world, SimControl control, SimNetwork network, List<SimNode> nodes, Tally tally) {
    this.world = world;
    this.chance = world.chance("faults");
    this.control = control;
    this.network = network;
    this.nodes = nodes;
    this.tally = tally;
    for (Kind kind : Kind.values()) {
      if (chance.oneIn(3)) {
        kinds.add(kind);
      }
    }
    this.pause = chance.between(Duration.ofSeconds(2), Duration.ofSeconds(25));
  }

  /// What this run suffers from.
  List<Kind> kinds() {
    return kinds;
  }

  /// Lets it begin.
  void begin() {
    if (!kinds.isEmpty()) {
      world.after(chance.about(pause), "fault", this::next);
    }
  }

  private void next() {
    if (healed) {
      return;
    }
    Kind kind = chance.pick(kinds);
    tally.count("fault " + kind);
    strike(kind, chance.pick(nodes), chance.pick(LENGTHS));
    begin();
  }

  /// Makes everything whole; nothing breaks any more.
  void heal() {
    healed = true;
    network.heal();
    control.heal();
    nodes.forEach(SimNode::heal);
  }

  private void strike(Kind kind, SimNode node, Duration length) {
    world.trace().note("faults", () -> kind + " " + node.name() + " " + length);
    switch (kind) {
      case CONTROL_DIES -> {
        control.crash(chance.oneIn(2));
        later(length.dividedBy(4), control::boot);
      }
      case CONTROL_DIES_BETWEEN_STEPS -> {
        control.crashAfter(chance.between(1, MOST_STEPS_TO_DEATH));
        // Whether it has died by then or not, and again in case it dies later.
        later(length, control::boot);
        later(length.plusSeconds(30), control::boot);
      }
      case CONTROL_DISK_FAILS -> control.failDisk();
      case CONTROL_DISK_IS_SLOW -> {
        control.diskSlowness(chance.between(10, 500));
        later(length, () -> control.diskSlowness(1));
      }
      case CONTROL_JOURNAL_IS_FULL -> {
        control.roomFor(chance.between(1, 3));
        later(length, () -> control.roomFor(Integer.MAX_VALUE));
      }
      case AGENT_DIES -> {
        node.crash();
        later(length.dividedBy(4), node::boot);
      }
      case AGENT_DIES_BETWEEN_STEPS -> node.crashAfter(chance.between(1, MOST_STEPS_TO_DEATH));
      case AGENT_DISK_FAILS -> {
        node.diskTrouble(chance.between(1, 4));
        later(length, () -> node.diskTrouble(0));
      }
      case HOST_LOSES_POWER -> {
        node.powerOff();
        later(length, node::powerOn);
      }
      case HOST_IS_CUT_OFF -> {
        node.route().cut();
        later(length, node.route()::heal);
      }
      case SOCKET_BREAKS -> network.breakSocket(node.route());
      case NETWORK_LOSES -> {
        network.loss(chance.between(2, 20));
        later(length, () -> network.loss(0));
      }
      case NETWORK_IS_SLOW -> {
        network.slowness(chance.between(10, 400));
        later(length, () -> network.slowness(1));
      }
      case ENGINE_STOPS -> {
        node.engine().stop(chance.oneIn(2));
        later(length, node.engine()::start);
      }
      case ENGINE_IS_SLOW -> {
        node.engine().slowness(chance.between(5, 60));
        later(length, () -> node.engine().slowness(1));
      }
      case ENGINE_FAILS -> {
        node.engine().trouble(chance.between(2, 15));
        later(length, () -> node.engine().trouble(0));
      }
    }
  }

  private void later(Duration delay, Runnable end) {
    world.after(
        delay,
        "fault ends",
        () -> {
          if (!healed) {
            end.run();
          }
        });
  }
}
