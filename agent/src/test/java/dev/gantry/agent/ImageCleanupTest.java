package dev.gantry.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.gantry.agent.AgentEffect.RemoveImage;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Which images an agent removes from its host, and when. Rounds come every 30 minutes, an image is
/// old enough after an hour.
class ImageCleanupTest {
  private static final Duration ROUND = Duration.ofMinutes(30);
  private static final Duration LATE = Duration.ofMinutes(91);

  private final FakeWorld world = new FakeWorld();

  @BeforeEach
  void agent() {
    world.settings = settings().build();
    world.connected();
  }

  private static AgentSettings.Builder settings() {
    return AgentSettings.builder("default", "us-east-1", "installation-1")
        .cleanupWait(Duration.ZERO);
  }

  /// A task of this image comes and goes.
  private void use(String task, String image) {
    world.registry.putIfAbsent(image, "sha256:digest");
    begin(task, image);
    world.exit(world.container("app"), 0);
  }

  private void begin(String task, String image) {
    world.payload(Tasks.task(task, Tasks.container("app").toBuilder().image(image).build()));
  }

  private List<String> removals() {
    return world.engineCalls.stream().filter(call -> call.startsWith("remove image")).toList();
  }

  private static String removal(String image) {
    return "remove image " + ImageReference.canonical(image);
  }

  @Test
  void anImageThatNothingUsesIsRemoved() {
    use("t1", "app:1");
    world.advance(Duration.ofMinutes(60));
    assertThat(removals()).as("an image is old enough after an hour, not with it").isEmpty();
    world.advance(ROUND);
    assertThat(removals()).containsExactly(removal("app:1"));
    assertThat(world.images).isEmpty();
    assertThat(world.notes)
        .extracting(AgentEffect.Note::text)
        .contains("image docker.io/library/app:1 is removed: nothing used it lately");
    world.advance(LATE);
    assertThat(removals()).as("it is forgotten").hasSize(1);
    assertThat(world.engineCalls).containsOnlyOnce("list used images");
  }

  @Test
  void itIsKnownOverARestart() {
    use("t1", "app:1");
    world.advance(Duration.ofSeconds(10));
    world.connected();
    world.advance(LATE);
    assertThat(removals()).containsExactly(removal("app:1"));
    world.connected();
    world.advance(LATE);
    assertThat(removals()).hasSize(1);
  }

  @Test
  void aTaskKeepsItsImageUntilItIsCleanedUp() {
    world.settings = settings().cleanupWait(Duration.ofHours(3)).build();
    world.connected();
    world.registry.put("app", "sha256:digest");
    world.imageIds.put("app", "sha256:app:latest");
    use("t1", "app:latest");
    begin("t2", "app");
    world.advance(Duration.ofHours(4));
    assertThat(removals()).as("t2 runs, and calls the image otherwise").isEmpty();
    world.exit(world.container("app"), 0);
    world.advance(Duration.ofMinutes(179));
    assertThat(removals()).as("its container is still there").isEmpty();
    world.advance(ROUND.plusMinutes(2));
    assertThat(removals()).containsExactly(removal("app:latest"));
  }

  @Test
  void anImageStaysWhileAContainerOfSomebodyElseUsesIt() {
    use("t1", "app:1");
    world.usedByOthers.add("sha256:app:1");
    world.advance(LATE);
    assertThat(removals()).isEmpty();
    world.usedByOthers.clear();
    world.advance(ROUND);
    assertThat(removals()).containsExactly(removal("app:1"));
  }

  @Test
  void anImageThatWasThereBeforeIsNotTheAgents() {
    world.images.put("app:1", "sha256:digest");
    use("t1", "app:1");
    world.advance(LATE);
    assertThat(world.engineCalls).contains("pull app:1").doesNotContain("list used images");
    world.images.clear();
    use("t2", "app:1");
    world.advance(LATE);
    assertThat(removals()).as("now it is").containsExactly(removal("app:1"));
  }

  @Test
  void anImageThatCouldNotBePulledIsNotTheAgents() {
    world.images.put("app:1", null);
    begin("t1", "app:1");
    world.exit(world.container("app"), 0);
    world.advance(LATE);
    assertThat(world.engineCalls).contains("pull app:1").doesNotContain("list used images");
  }

  @Test
  void imagesStayWhereTheyArePreferredAndWhereThatIsTheWish() {
    for (AgentSettings staying :
        List.of(
            settings().pullBehaviour(PullBehaviour.PREFER_CACHED).build(),
            settings().imageCleanup(ImageCleanup.NEVER).build())) {
      world.settings = staying;
      world.images.clear();
      world.connected();
      use("t" + staying.imageCleanup().perCycle(), "app:1");
      world.advance(LATE);
    }
    assertThat(world.engineCalls).doesNotContain("list used images");
  }

  @Test
  void fiveGoInARoundThoseUsedTheLongestAgoFirst() {
    for (int i = 1; i <= 7; i++) {
      use("t" + i, "app:" + i);
      world.advance(Duration.ofSeconds(1));
    }
    use("t8", "app:1");
    world.advance(LATE);
    assertThat(removals())
        .containsExactly(
            removal("app:2"),
            removal("app:3"),
            removal("app:4"),
            removal("app:5"),
            removal("app:6"));
    world.advance(ROUND);
    assertThat(removals()).endsWith(removal("app:7"), removal("app:1")).hasSize(7);
  }

  @Test
  void anImageThatTheEngineKeepsIsTriedAgainInTheNextRound() {
    use("t1", "app:1");
    use("t2", "app:2");
    world.interfere =
        effect ->
            effect instanceof RemoveImage(long id, String _, String name)
                    && Objects.equals(name, ImageReference.canonical("app:1"))
                ? new AgentEvent.EngineFailed(id, Kind.CONFLICT, "conflict: it is used")
                : null;
    world.advance(LATE);
    assertThat(removals()).as("it does not hold others up").containsExactly(removal("app:2"));
    assertThat(world.notes)
        .extracting(AgentEffect.Note::text)
        .contains("image docker.io/library/app:1 stays: conflict: it is used");
    world.interfere = _ -> null;
    world.advance(ROUND);
    assertThat(removals()).containsExactly(removal("app:2"), removal("app:1"));
  }

  @Test
  void whatTheAgentDoesNotKnowToBeUnusedStays() {
    use("t1", "app:1");
    world.interfere =
        effect ->
            effect instanceof AgentEffect.ListUsedImages(long id)
                ? new AgentEvent.EngineFailed(id, Kind.UNREACHABLE, "no engine")
                : null;
    world.advance(LATE);
    assertThat(removals()).isEmpty();
    world.interfere = _ -> null;
    world.advance(ROUND);
    assertThat(removals()).containsExactly(removal("app:1"));
  }

  @Test
  void allNamesThatItWasPulledByGo() {
    world.imageIds.put("app:1", "sha256:same");
    world.imageIds.put("app:2", "sha256:same");
    use("t1", "app:1");
    use("t2", "app:2");
    world.advance(LATE);
    assertThat(removals()).containsExactly(removal("app:1"), removal("app:2"));
  }

  @Test
  void aNameThatTheHostHadBeforeStaysBesideOneThatTheAgentBrought() {
    world.imageIds.put("app:1", "sha256:same");
    world.imageIds.put("app:2", "sha256:same");
    world.alone = false;
    world.images.put("app:1", "sha256:digest");
    use("t1", "app:1");
    use("t2", "app:2");
    world.advance(LATE);
    assertThat(removals()).containsExactly(removal("app:2"));
    world.advance(LATE);
    assertThat(removals()).hasSize(1);
  }

  @Test
  void aNameThatSomebodyElseGaveTheAgentsImageStays() {
    world.imageIds.put("app:1", "sha256:same");
    world.imageIds.put("mine:1", "sha256:same");
    use("t1", "app:1");
    world.images.put("mine:1", "sha256:digest");
    use("t2", "mine:1");
    world.advance(LATE);
    assertThat(removals()).containsExactly(removal("app:1"));
    assertThat(world.images).containsOnlyKeys("mine:1");
  }

  @Test
  void anImageThatTheHostHadByAnotherNameIsNotRemovedByItsId() {
    world.alone = false;
    world.imageIds.put("app:1", "sha256:old");
    use("t1", "app:1");
    world.imageIds.put("app:1", "sha256:new");
    world.images.clear();
    use("t2", "app:1");
    world.advance(LATE);
    world.advance(LATE);
    assertThat(removals()).containsExactly(removal("app:1"));
  }

  @Test
  void whatTheEngineKeepsHoldsUpNobody() {
    for (int i = 1; i <= 6; i++) {
      use("t" + i, "app:" + i);
      world.advance(Duration.ofSeconds(1));
    }
    world.interfere =
        effect ->
            effect instanceof RemoveImage(long id, String _, String name)
                    && !Objects.equals(name, ImageReference.canonical("app:6"))
                ? new AgentEvent.EngineFailed(id, Kind.CONFLICT, "conflict: it is used")
                : null;
    world.advance(LATE);
    assertThat(removals()).isEmpty();
    world.advance(ROUND);
    assertThat(removals()).containsExactly(removal("app:6"));
  }

  @Test
  void onlySoManyNamesOfAnImageAreRemembered() {
    for (int i = 0; i <= PulledImage.MAX_NAMES; i++) {
      world.imageIds.put("app:" + i, "sha256:same");
      use("t" + i, "app:" + i);
    }
    world.advance(LATE);
    assertThat(removals())
        .hasSize(PulledImage.MAX_NAMES)
        .doesNotContain(removal("app:0"))
        .endsWith(removal("app:" + PulledImage.MAX_NAMES));
  }

  @Test
  void anImageThatLostItsNameToANewerOneIsRemovedByItsId() {
    world.imageIds.put("app:1", "sha256:old");
    use("t1", "app:1");
    world.imageIds.put("app:1", "sha256:new");
    world.images.clear();
    world.advance(Duration.ofMinutes(50));
    begin("t2", "app:1");
    world.advance(Duration.ofMinutes(50));
    assertThat(removals()).containsExactly("remove image sha256:old");
    world.exit(world.container("app"), 0);
    world.advance(ROUND);
    assertThat(removals()).containsExactly("remove image sha256:old", removal("app:1"));
  }

  @Test
  void anImageWithoutANameStaysWhileAContainerIsOnItsWay() {
    world.imageIds.put("app:1", "sha256:old");
    use("t1", "app:1");
    world.imageIds.put("app:1", "sha256:new");
    world.images.clear();
    use("t2", "app:1");
    world.hold = effect -> effect instanceof AgentEffect.PullImage;
    begin("t3", "app:2");
    world.advance(LATE);
    assertThat(removals())
        .as("the pull may bring that very image")
        .containsExactly(removal("app:1"));
    world.registry.put("app:2", "sha256:digest");
    world.release();
    world.advance(ROUND);
    assertThat(removals()).endsWith("remove image sha256:old").hasSize(2);
  }

  @Test
  void aTaskWaitsWhileItsImageIsRemoved() {
    world.registry.put("app:latest", "sha256:digest");
    use("t1", "app");
    world.hold = effect -> effect instanceof RemoveImage;
    world.advance(LATE);
    world.engineCalls.clear();
    begin("t2", "app:latest");
    use("t3", "other:1");
    assertThat(world.engineCalls)
        .containsExactly("pull other:1", "create app", "start app", "inspect app", "remove app");
    world.release();
    assertThat(world.engineCalls.subList(5, 7)).containsExactly(removal("app"), "pull app:latest");
    assertThat(world.told("t2")).containsExactly("RUNNING");
  }

  @Test
  void onceIsOnceMoreAfterTheImageWasRemoved() {
    world.settings = settings().pullBehaviour(PullBehaviour.ONCE).build();
    world.connected();
    use("t1", "app:1");
    use("t2", "app:1");
    world.advance(LATE);
    use("t3", "app:1");
    assertThat(world.engineCalls.stream().filter(call -> call.startsWith("pull"))).hasSize(2);
  }

  @Test
  void settingsHaveBounds() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ImageCleanup(Duration.ZERO, Duration.ZERO, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ImageCleanup(ROUND, Duration.ofSeconds(-1), 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ImageCleanup(ROUND, Duration.ZERO, -1));
  }
}
