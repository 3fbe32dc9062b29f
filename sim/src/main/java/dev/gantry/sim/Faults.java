package dev.gantry.sim;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What breaks, and when. Each run draws the kinds of fault it suffers from, so that some runs are
/// about one thing and some about everything.
final class Faults {
  /// The kinds. What each does to whom stands in [#strike].
  @SuppressWarnings("ImmutableEnumChecker") // List.of does not change
  enum Kind {
    CONTROL_DIES("control plane died"),
    CONTROL_DIES_BETWEEN_STEPS("control plane died between two steps"),
    CONTROL_DISK_FAILS("journal failed"),
    CONTROL_DISK_IS_FULL("journal full"),
    CONTROL_DISK_IS_SLOW("slow write"),
    CONTROL_JOURNAL_IS_BUSY("writer waits for the journal"),
    LOG_STORE_IS_FULL(SimControl.REFUSED_OUTPUT),
    AGENT_DIES("agent died"),
    AGENT_DIES_BETWEEN_STEPS("agent died between two steps"),
    AGENT_DISK_FAILS("agent's disk failed"),
    AGENT_DISK_IS_SLOW("agent's slow disk"),
    HOST_LOSES_POWER("host lost power"),
    HOST_IS_CUT_OFF("message held back"),
    HOST_CLOCK_IS_SET("clock set ahead", "clock set back"),
    SOCKET_BREAKS("socket broke", "frame arrives when its connection is broken", "task told again"),
    NETWORK_LOSES("request lost", "answer lost", "handshake lost"),
    NETWORK_IS_SLOW("slow message"),
    NETWORK_REORDERS("request overtaken"),
    NETWORK_REPEATS("request repeated"),
    ENGINE_STOPS("engine stopped with its containers", "engine stopped, containers ran on"),
    ENGINE_IS_SLOW("slow engine request"),
    ENGINE_FAILS("engine fails before", "engine fails after", "engine fails and does it later"),
    PULLS_HANG("pull hung"),
    PULLS_FAIL("pull refused for now");

    private final List<String> effects;

    Kind(String... effects) {
      this.effects = List.of(effects);
    }

    /// What is counted when it has had its effects: a fault may strike where there is nothing to
    /// break.
    List<String> effects() {
      return effects;
    }
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
    int rarity = chance.between(2, 8);
    for (Kind kind : Kind.values()) {
      if (chance.oneIn(rarity)) {
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
      case CONTROL_DISK_IS_FULL -> {
        control.journalFull(true);
        later(length, () -> control.journalFull(false));
      }
      case LOG_STORE_IS_FULL -> {
        control.logsFull(true);
        later(length, () -> control.logsFull(false));
      }
      case CONTROL_JOURNAL_IS_BUSY -> {
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
      case AGENT_DISK_IS_SLOW -> {
        node.diskSlowness(chance.between(10, 500));
        later(length, () -> node.diskSlowness(1));
      }
      case HOST_CLOCK_IS_SET ->
          node.setClock(
              chance
                  .between(Duration.ZERO, Budget.WORST_CLOCK)
                  .multipliedBy(chance.oneIn(2) ? 1 : -1));
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
      case NETWORK_REORDERS -> {
        network.jitter(chance.between(Duration.ofMillis(20), Duration.ofSeconds(10)));
        later(length, () -> network.jitter(Duration.ZERO));
      }
      case NETWORK_REPEATS -> {
        network.repetition(chance.between(1, 8));
        later(length, () -> network.repetition(0));
      }
      case PULLS_HANG -> {
        node.engine().pullsHang(chance.between(1, 3));
        later(length, () -> node.engine().pullsHang(0));
      }
      case PULLS_FAIL -> {
        node.engine().pullsFail(chance.between(1, 3));
        later(length, () -> node.engine().pullsFail(0));
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
