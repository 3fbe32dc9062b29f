package dev.gantry.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.AgentEffect.PingEngine;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import dev.gantry.api.tcs.InstanceStatus;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// What the control plane hears of a host's health, and when.
class HostHealthTest {
  private static final Duration TICK = TcsSession.INTERVAL;

  private final FakeWorld world = new FakeWorld();

  /// One row per thing that happens, in order: what, and what is told for the first time by it, as
  /// status, second of the last check and second of the last change.
  private record Step(String what, Runnable done, List<String> told) {}

  @Test
  void whatIsToldWhen() {
    world.connected();
    List<Step> steps =
        List.of(
            new Step("nothing yet", () -> {}, List.of()),
            new Step("first tick", this::tick, List.of("INITIALIZING 0 0")),
            new Step("second tick, nothing new", this::tick, List.of()),
            new Step("first heartbeat, at 40 s", world::heartbeat, List.of()),
            new Step("its tick", this::tick, List.of("OK 40 40")),
            new Step("a tick without a heartbeat", this::tick, List.of()),
            new Step("two heartbeats, at 80 s", this::twice, List.of()),
            new Step("their tick: the same, checked later", this::tick, List.of("OK 80 40")),
            new Step("the engine falls silent, at 100 s", this::silent, List.of()),
            new Step("a tick before anybody asked", this::tick, List.of()),
            new Step("a heartbeat, at 120 s", world::heartbeat, List.of()),
            new Step("its tick", this::tick, List.of("IMPAIRED 120 120")),
            new Step("a heartbeat, at 140 s", world::heartbeat, List.of()),
            new Step("its tick: still so", this::tick, List.of("IMPAIRED 140 120")),
            new Step("the engine is back, and asked, at 160 s", this::back, List.of()),
            new Step("its tick", this::tick, List.of("OK 160 160")));
    for (Step step : steps) {
      int before = world.health().size();
      step.done().run();
      List<InstanceStatus> now = world.health();
      assertThat(now.subList(before, now.size()).stream().map(HostHealthTest::text))
          .as(step.what())
          .containsExactlyElementsOf(step.told());
    }
    assertThat(world.health())
        .allMatch(status -> HostHealth.CONTAINER_RUNTIME.equals(status.type()));
  }

  @Test
  void theReportNamesItsInstance() {
    world.connected();
    tick();
    assertThat(world.tcsFrames)
        .filteredOn(frame -> frame.contains("PublishInstanceStatusRequest"))
        .singleElement()
        .satisfies(frame ->
            assertThat(frame)
                .contains(
                    "\"cluster\":\"default\"",
                    "\"containerInstance\":\"" + FakeWorld.INSTANCE + "\"",
                    "\"requestId\":"));
  }

  /// An engine that hangs is asked once, however often the control plane wonders.
  @Test
  void anEngineThatOwesAnAnswerIsNotAskedAgain() {
    world.connected();
    world.hold = effect -> effect instanceof PingEngine;
    world.heartbeat();
    world.heartbeat();
    assertThat(world.held).hasSize(1);

    world.release();
    world.heartbeat();
    assertThat(world.all).filteredOn(effect -> effect instanceof PingEngine).hasSize(2);
  }

  @Test
  void whatWasNotToldWhenTheSocketBrokeIsToldOnTheNext() {
    world.connected();
    world.heartbeat();
    world.dropTcs(1006);
    world.advance(Duration.ofSeconds(5));
    assertThat(world.health()).isEmpty();

    tick();
    assertThat(world.health()).extracting(HostHealthTest::text).containsExactly("OK 0 0");
  }

  /// The status is a fact of the moment: a new process knows nothing of the last one's.
  @Test
  void anAgentThatStartsAgainBeginsAnew() {
    world.connected();
    world.heartbeat();
    world.connected();
    tick();
    assertThat(world.health()).extracting(InstanceStatus::status).containsExactly("INITIALIZING");
  }

  @Test
  void aChangeIsSaidOnce() {
    world.connected();
    silent();
    world.heartbeat();
    world.heartbeat();
    assertThat(world.notes)
        .extracting(AgentEffect.Note::text)
        .filteredOn(text -> text.contains("health"))
        .containsExactly("this host's health is IMPAIRED: no answer");
  }

  private void tick() {
    world.advance(TICK);
  }

  private void twice() {
    world.heartbeat();
    world.heartbeat();
  }

  private void silent() {
    world.interfere =
        effect ->
            effect instanceof PingEngine(long id)
                ? new AgentEvent.EngineFailed(id, Kind.UNREACHABLE, "no answer")
                : null;
  }

  private void back() {
    world.interfere = _ -> null;
    world.heartbeat();
  }

  private static String text(InstanceStatus status) {
    return status.status()
        + " "
        + Duration.between(FakeWorld.START, Objects.requireNonNull(status.lastUpdated()))
            .toSeconds()
        + " "
        + Duration.between(FakeWorld.START, Objects.requireNonNull(status.lastStatusChange()))
            .toSeconds();
  }
}
