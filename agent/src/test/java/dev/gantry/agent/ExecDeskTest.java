package dev.gantry.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.agent.AgentEffect.ContinueExec;
import dev.gantry.agent.AgentEffect.EndExec;
import dev.gantry.agent.AgentEffect.ExecInput;
import dev.gantry.agent.AgentEffect.ResizeExec;
import dev.gantry.agent.AgentEffect.StartExec;
import dev.gantry.agent.ContainerRuntime.ExecSpec;
import dev.gantry.agent.FakeWorld.FakeContainer;
import dev.gantry.agent.FakeWorld.Said;
import dev.gantry.api.acs.Container;
import dev.gantry.api.acs.ManagedAgent;
import dev.gantry.api.ecs.ManagedAgentStateChange;
import dev.gantry.api.logs.CreateLogStreamRequest;
import dev.gantry.api.logs.InputLogEvent;
import dev.gantry.api.logs.PutLogEventsRequest;
import dev.gantry.api.ssmmessages.AcknowledgeContent;
import dev.gantry.api.ssmmessages.AgentMessage;
import dev.gantry.api.ssmmessages.AgentTaskComplete;
import dev.gantry.api.ssmmessages.SessionDocument;
import dev.gantry.api.ssmmessages.SessionInputs;
import dev.gantry.api.ssmmessages.SessionProperties;
import dev.gantry.api.ssmmessages.SessionTask;
import dev.gantry.api.ssmmessages.ShellProperties;
import dev.gantry.api.ssmmessages.TaskMessage;
import dev.gantry.wire.json.AwsJson;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Commands in containers, as the agent decides them.
class ExecDeskTest {
  private static final String HANDSHAKE =
      "{\"ClientVersion\":\"1.2\",\"ProcessedClientActions\":[{\"ActionType\":\"SessionType\","
          + "\"ActionStatus\":1,\"ActionResult\":null,\"Error\":\"\"}],\"Errors\":null}";

  private final FakeWorld world = new FakeWorld();
  private @Nullable FakeContainer entered;
  private long control;
  private long data;
  private long typed;

  @BeforeEach
  void aTaskRuns() {
    world.images.put("app:latest", "sha256:digest");
    world.connected();
    world.payload(enterable("t1"));
    entered = world.container("app");
    control = world.execSockets.keySet().iterator().next();
  }

  private static dev.gantry.api.acs.Task enterable(String id) {
    return Tasks.task(id, enterable());
  }

  private static Container enterable() {
    return Tasks.container("app").toBuilder()
        .managedAgents(
            List.of(
                ManagedAgent.builder().name("ExecuteCommandAgent").properties(Map.of()).build()))
        .build();
  }

  private FakeContainer container() {
    return Objects.requireNonNull(entered);
  }

  private String target() {
    return "ecs:default_t1_" + container().id;
  }

  /// Tells the agent of a session.
  private void told(String target, String command, @Nullable String group) {
    told("s1", target, command, group);
  }

  private void told(String session, String target, String command, @Nullable String group) {
    SessionTask task =
        SessionTask.builder()
            .sessionId(session)
            .target(target)
            .tokenValue("the-token")
            .documentContent(
                SessionDocument.builder()
                    .inputs(
                        group == null
                            ? null
                            : SessionInputs.builder().cloudWatchLogGroupName(group).build())
                    .properties(
                        SessionProperties.builder()
                            .linux(ShellProperties.builder().commands(command).build())
                            .build())
                    .build())
            .build();
    say(
        control,
        AgentMessage.single(
            AgentMessage.INTERACTIVE_SHELL,
            1,
            new UUID(1, 1),
            AwsJson.encode(
                TaskMessage.SHAPE,
                TaskMessage.builder()
                    .content(AwsJson.encodeToString(SessionTask.SHAPE, task))
                    .build())));
  }

  private void say(long socket, AgentMessage message) {
    world.deliver(new AgentEvent.SocketBinary(socket, message.encode()));
    world.settle();
  }

  private void input(long sequence, int payloadType, String payload) {
    say(
        data,
        new AgentMessage(
            AgentMessage.INPUT,
            1,
            1,
            sequence,
            0,
            new UUID(2, sequence),
            payloadType,
            payload.getBytes(StandardCharsets.UTF_8)));
  }

  private void acknowledge(long sequence) {
    say(
        data,
        AgentMessage.single(
            AgentMessage.ACKNOWLEDGE,
            1,
            new UUID(3, sequence),
            AwsJson.encode(
                AcknowledgeContent.SHAPE,
                AcknowledgeContent.builder().acknowledgedMessageSequenceNumber(sequence).build())));
  }

  /// A session whose command runs.
  private StartExec running(String command, @Nullable String group) {
    told(target(), command, group);
    data = last(world.execSockets.keySet());
    input(0, AgentMessage.PAYLOAD_HANDSHAKE_RESPONSE, HANDSHAKE);
    acknowledge(0);
    acknowledge(1);
    typed = 1;
    return (StartExec) world.execEffects.getLast();
  }

  private static long last(java.util.Collection<Long> numbers) {
    return new ArrayList<>(numbers).getLast();
  }

  private void writes(StartExec exec, String output) {
    writes(exec, output.getBytes(StandardCharsets.UTF_8));
  }

  private void writes(StartExec exec, byte[] output) {
    world.deliver(new AgentEvent.ExecOutput(exec.exec(), output));
    world.settle();
  }

  private void ends(StartExec exec, @Nullable String failure) {
    world.deliver(new AgentEvent.ExecEnded(exec.exec(), failure));
    world.settle();
  }

  /// What was said on the data channel in messages of this type, as `<payload type> <payload>`.
  private List<String> said(String type) {
    return world.execMessages.stream()
        .filter(said -> said.socket() == data && said.message().type().equals(type))
        .map(Said::message)
        .map(message ->
            message.payloadType() + " " + new String(message.payload(), StandardCharsets.UTF_8))
        .toList();
  }

  private List<String> output() {
    return said(AgentMessage.OUTPUT).stream().filter(text -> text.startsWith("1 ")).toList();
  }

  private @Nullable String failure() {
    return world.execMessages.stream()
        .filter(said -> said.message().type().equals(AgentMessage.TASK_COMPLETE))
        .map(said -> AwsJson.decode(AgentTaskComplete.SHAPE, said.message().payload()).output())
        .findFirst()
        .orElse(null);
  }

  private long count(Class<? extends AgentEffect> kind) {
    return world.execEffects.stream().filter(kind::isInstance).count();
  }

  // ---- waiting for sessions ---------------------------------------------------------------------

  @Test
  void anAgentWaitsWhileItHasATaskToBeEntered() {
    assertThat(world.execSockets.get(control))
        .isEqualTo("/v1/control-channel/default_i1?role=subscribe&stream=input");
    assertThat(world.execFrames.getFirst())
        .startsWith(control + " ")
        .contains("\"MessageSchemaVersion\":\"1.0\"");
    world.payload(Tasks.stop("t1"));
    world.advance(Duration.ofMinutes(1));
    assertThat(world.all)
        .anyMatch(
            effect -> effect instanceof AgentEffect.CloseSocket close && close.socket() == control);
    int before = world.execSockets.size();
    world.payload(Tasks.task("t2", Tasks.container("other")));
    assertThat(world.execSockets).hasSize(before);
    world.payload(enterable("t3"));
    assertThat(world.execSockets).hasSize(before + 1);
  }

  @Test
  void aRestartedAgentWaitsAgain() {
    world.execSockets.clear();
    world.connected();
    world.settle();
    assertThat(world.execSockets).hasSize(1);
  }

  @Test
  void aLostChannelIsOpenedAgain() {
    int before = world.execSockets.size();
    world.advance(Duration.ofHours(2));
    assertThat(world.execSockets).as("neither silence nor age ends it").hasSize(before);
    world.deliver(new AgentEvent.SocketClosed(control, 1006, ""));
    world.advance(Duration.ofSeconds(5));
    assertThat(world.execSockets).hasSize(before + 1);
  }

  @Test
  void reportsTellOfTheManagedAgent() {
    ManagedAgentStateChange running =
        Objects.requireNonNull(world.reports.getFirst().managedAgents()).getFirst();
    assertThat(running.containerName()).isEqualTo("app");
    assertThat(running.managedAgentName()).isEqualTo("ExecuteCommandAgent");
    assertThat(running.status()).isEqualTo("RUNNING");
    world.exit(container(), 0);
    assertThat(Objects.requireNonNull(world.reports.getLast().managedAgents()).getFirst().status())
        .isEqualTo("STOPPED");
  }

  @Test
  void anotherManagedAgentIsRefusedByName() {
    world.payload(
        Tasks.task(
            "t2",
            Tasks.container("app").toBuilder()
                .managedAgents(List.of(ManagedAgent.builder().name("Helper").build()))
                .build()));
    assertThat(world.reports.getLast().reason()).contains("managed agent Helper");
  }

  // ---- a session --------------------------------------------------------------------------------

  @Test
  void aSessionShakesHandsAndThenRunsItsCommand() {
    told(target(), "sh -c 'echo hi'", null);
    data = last(world.execSockets.keySet());
    assertThat(world.execSockets.get(data)).isEqualTo("/v1/data-channel/s1?role=publish_subscribe");
    assertThat(world.execFrames.getLast())
        .startsWith(data + " ")
        .contains("\"TokenValue\":\"the-token\"");
    assertThat(said(AgentMessage.OUTPUT))
        .singleElement()
        .asString()
        .startsWith("5 ")
        .contains("\"SessionType\":\"InteractiveCommands\"");
    assertThat(world.execEffects).isEmpty();

    // Not before the handshake: what is in its place is to come again, what comes early is kept.
    input(0, AgentMessage.PAYLOAD_OUTPUT, "in its place");
    input(0, AgentMessage.PAYLOAD_SIZE, "{\"cols\":132,\"rows\":43}");
    assertThat(said(AgentMessage.ACKNOWLEDGE)).isEmpty();
    input(1, AgentMessage.PAYLOAD_OUTPUT, "early");
    assertThat(world.execEffects).isEmpty();
    input(0, AgentMessage.PAYLOAD_HANDSHAKE_RESPONSE, HANDSHAKE);
    assertThat(said(AgentMessage.OUTPUT).get(1)).startsWith("7 ");
    assertThat(world.execEffects.getFirst())
        .isEqualTo(
            new StartExec(
                ((StartExec) world.execEffects.getFirst()).exec(),
                container().id,
                new ExecSpec(List.of("sh", "-c", "echo hi"), "s1")));
    assertThat(world.execEffects.get(1)).isInstanceOf(ExecInput.class);
    assertThat(said(AgentMessage.ACKNOWLEDGE)).hasSize(2);
  }

  @Test
  void aClientThatDoesNotUnderstandIsTold() {
    told(target(), "true", null);
    data = last(world.execSockets.keySet());
    input(
        0,
        AgentMessage.PAYLOAD_HANDSHAKE_RESPONSE,
        HANDSHAKE.replace("\"ActionStatus\":1", "\"ActionStatus\":3"));
    assertThat(failure()).startsWith("SessionType failed on client with status 3");
    assertThat(world.execEffects).isEmpty();
  }

  @Test
  void aClientThatDoesNotAnswerIsNotWaitedForLong() {
    told(target(), "true", null);
    world.advance(Duration.ofSeconds(16));
    assertThat(failure()).startsWith("Handshake timed out.");
  }

  @Test
  void whatCannotBeEnteredIsRefused() {
    told("ecs:other_t1_" + container().id, "true", null);
    assertThat(failure()).isEqualTo("The container is not running.");
    world.execMessages.clear();
    told(target(), "echo 'open", null);
    assertThat(failure())
        .isEqualTo(
            "Unable to start command: Failed to parse commands input: a quote is not closed");
  }

  @Test
  void whatHasStoppedOrWasNotLaunchedSoIsNotEntered() {
    world.payload(Tasks.task("t2", enterable(), Tasks.sidecar("plain")));
    String plain = "ecs:default_t2_" + world.container("plain").id;
    told(plain, "true", null);
    assertThat(failure()).isEqualTo("The container is not running.");
    world.execMessages.clear();
    int sockets = world.execSockets.size();
    world.exit(container(), 0);
    told(target(), "true", null);
    assertThat(failure()).isEqualTo("The container is not running.");
    assertThat(world.execSockets).hasSize(sockets);
  }

  /// Ids become parts of paths and names of log streams.
  @Test
  void aSessionWhoseIdIsNoneIsIgnored() {
    int sockets = world.execSockets.size();
    for (String id : List.of("", "../x", "a b", "x".repeat(97))) {
      told(id, target(), "true", null);
    }
    assertThat(world.execSockets).hasSize(sockets);
    assertThat(world.notes)
        .filteredOn(note -> note.text().contains("without a valid id"))
        .hasSize(4);
  }

  @Test
  void withoutACommandAShellIsOpened() {
    assertThat(running(" ", null).spec().command()).containsExactly("sh");
  }

  @Test
  void sessionsOfAHostAreCounted() {
    for (int i = 0; i < ExecDesk.MAX_SESSIONS; i++) {
      told("s" + i, target(), "true", null);
    }
    assertThat(failure()).isNull();
    told("more", target(), "true", null);
    assertThat(failure()).isEqualTo("There are 1000 sessions on this host already.");
    world.execMessages.clear();
    data = last(world.execSockets.keySet());
    world.deliver(new AgentEvent.SocketClosed(data, 1000, ""));
    told("again", target(), "true", null);
    assertThat(failure()).isNull();
  }

  @Test
  void aSessionWhoseChannelCannotBeOpenedIsTold() {
    world.hold = effect -> effect instanceof AgentEffect.OpenSocket;
    told(target(), "true", null);
    AgentEffect.OpenSocket asked = (AgentEffect.OpenSocket) world.held.getLast();
    world.deliver(new AgentEvent.SocketRefused(asked.socket(), 404, "There is no such session."));
    world.settle();
    assertThat(failure())
        .isEqualTo("the session's channel could not be opened: 404 There is no such session.");
  }

  @Test
  void whatCannotBeReadEndsTheSession() {
    StartExec exec = running("sh", null);
    input(1, AgentMessage.PAYLOAD_SIZE, "{");
    assertThat(failure()).startsWith("a input_stream_data cannot be read: ");
    assertThat(world.execEffects).endsWith(new EndExec(exec.exec()));
    assertThat(closes(data)).isTrue();
  }

  private boolean closes(long socket) {
    return world.all.stream()
        .anyMatch(
            effect -> effect instanceof AgentEffect.CloseSocket close && close.socket() == socket);
  }

  @Test
  void inputIsTakenInOrderAndOnce() {
    StartExec exec = running("sh", null);
    input(3, AgentMessage.PAYLOAD_OUTPUT, "c");
    input(2, AgentMessage.PAYLOAD_OUTPUT, "b");
    assertThat(count(ExecInput.class)).isZero();
    input(1, AgentMessage.PAYLOAD_OUTPUT, "a");
    input(2, AgentMessage.PAYLOAD_OUTPUT, "b");
    assertThat(inputs()).containsExactly("a", "b", "c");
    assertThat(said(AgentMessage.ACKNOWLEDGE)).hasSize(5);
    input(4, AgentMessage.PAYLOAD_SIZE, "{\"cols\":132,\"rows\":43}");
    input(5, AgentMessage.PAYLOAD_SIZE, "{\"cols\":0,\"rows\":1000000}");
    assertThat(world.execEffects)
        .endsWith(
            new ResizeExec(exec.exec(), 132, 43),
            new ResizeExec(exec.exec(), 1, ExecProtocol.MAX_CELLS));
  }

  private List<String> inputs() {
    return world.execEffects.stream()
        .filter(ExecInput.class::isInstance)
        .map(effect -> new String(((ExecInput) effect).bytes(), StandardCharsets.UTF_8))
        .toList();
  }

  @Test
  void onlySoMuchIsKeptThatComesEarly() {
    running("sh", null);
    int acknowledged = said(AgentMessage.ACKNOWLEDGE).size();
    for (int i = 0; i <= ExecProtocol.MAX_EARLY; i++) {
      input(2 + i, AgentMessage.PAYLOAD_OUTPUT, "x");
    }
    assertThat(said(AgentMessage.ACKNOWLEDGE)).hasSize(acknowledged + ExecProtocol.MAX_EARLY);
    input(1, AgentMessage.PAYLOAD_OUTPUT, "x");
    assertThat(count(ExecInput.class)).isEqualTo(1 + ExecProtocol.MAX_EARLY);
  }

  @Test
  void inputThatTheCommandDoesNotReadIsNotAcknowledged() {
    StartExec exec = running("sh", null);
    String large = "x".repeat(40_000);
    input(1, AgentMessage.PAYLOAD_OUTPUT, large);
    input(2, AgentMessage.PAYLOAD_OUTPUT, large);
    assertThat(count(ExecInput.class)).isEqualTo(1);
    int acknowledged = said(AgentMessage.ACKNOWLEDGE).size();
    world.deliver(new AgentEvent.ExecInputTaken(exec.exec(), 40_000));
    input(2, AgentMessage.PAYLOAD_OUTPUT, large);
    assertThat(count(ExecInput.class)).isEqualTo(2);
    assertThat(said(AgentMessage.ACKNOWLEDGE)).hasSize(acknowledged + 1);
  }

  @Test
  void outputIsHeldUpWhileTooMuchIsNotAcknowledged() {
    StartExec exec = running("yes", null);
    for (int i = 0; i < ExecProtocol.MAX_UNACKNOWLEDGED - 1; i++) {
      writes(exec, "y");
    }
    assertThat(count(ContinueExec.class)).isEqualTo(ExecProtocol.MAX_UNACKNOWLEDGED - 1);
    writes(exec, "y");
    assertThat(count(ContinueExec.class)).isEqualTo(ExecProtocol.MAX_UNACKNOWLEDGED - 1);
    acknowledge(2);
    assertThat(count(ContinueExec.class)).isEqualTo(ExecProtocol.MAX_UNACKNOWLEDGED);
  }

  @Test
  void charactersAreNotCutAndLargeOutputIs() {
    StartExec exec = running("sh", null);
    byte[] euro = "€".getBytes(StandardCharsets.UTF_8);
    writes(exec, new byte[] {'a', euro[0], euro[1]});
    writes(exec, new byte[] {euro[2], 'b'});
    assertThat(output()).containsExactly("1 a", "1 €b");
    // One byte that shifts all others: the largest message would end within a character.
    writes(exec, "a" + "ä".repeat(ExecProtocol.MAX_PAYLOAD_BYTES / 2));
    assertThat(output().subList(2, 4))
        .containsExactly("1 a" + "ä".repeat(ExecProtocol.MAX_PAYLOAD_BYTES / 2 - 1), "1 ä");
    writes(exec, new byte[] {'z', euro[0]});
    ends(exec, null);
    assertThat(output().subList(4, 6)).as("its last bytes").containsExactly("1 z", "1 \ufffd");
    // What is no UTF-8 is carried as it is.
    assertThat(ExecSession.unfinished(new byte[] {(byte) 0xff})).isEqualTo(1);
    assertThat(ExecSession.unfinished(new byte[] {(byte) 0x80, (byte) 0x80, (byte) 0x80})).isZero();
  }

  @Test
  void theOldestIsSentAgainUntilItIsAcknowledged() {
    StartExec exec = running("sh", null);
    writes(exec, "one");
    writes(exec, "two");
    world.advance(Duration.ofSeconds(3));
    assertThat(output().stream().filter("1 one"::equals).count()).isGreaterThan(2);
    assertThat(output().stream().filter("1 two"::equals).count()).isEqualTo(1);
    acknowledge(2);
    world.advance(Duration.ofSeconds(3));
    assertThat(output().stream().filter("1 two"::equals).count()).isGreaterThan(2);
    acknowledge(3);
    int all = output().size();
    world.advance(Duration.ofMinutes(1));
    assertThat(output()).hasSize(all);
  }

  @Test
  void aPauseIsKept() {
    StartExec exec = running("sh", null);
    say(data, AgentMessage.single(AgentMessage.PAUSE_PUBLICATION, 1, new UUID(1, 9), new byte[0]));
    writes(exec, "later");
    world.advance(Duration.ofSeconds(3));
    assertThat(output()).isEmpty();
    say(data, AgentMessage.single(AgentMessage.START_PUBLICATION, 1, new UUID(1, 9), new byte[0]));
    world.advance(Duration.ofSeconds(3));
    assertThat(output()).contains("1 later");
  }

  /// As with Amazon's agent: somebody is there again.
  @Test
  void aClientThatSpeaksEndsItsPause() {
    StartExec exec = running("sh", null);
    AgentMessage pause =
        AgentMessage.single(AgentMessage.PAUSE_PUBLICATION, 1, new UUID(1, 9), new byte[0]);
    say(data, pause);
    input(1, AgentMessage.PAYLOAD_OUTPUT, "x");
    writes(exec, "one");
    assertThat(output()).containsExactly("1 one");
    say(data, pause);
    acknowledge(2);
    writes(exec, "two");
    assertThat(output()).containsExactly("1 one", "1 two");
  }

  // ---- the end ----------------------------------------------------------------------------------

  @Test
  void aCommandsEndIsToldWhenItsOutputHasArrived() {
    StartExec exec = running("echo", null);
    writes(exec, "bye");
    ends(exec, null);
    assertThat(said(AgentMessage.SESSION_STATE)).isEmpty();
    acknowledge(2);
    assertThat(said(AgentMessage.SESSION_STATE))
        .singleElement()
        .asString()
        .contains("\"SessionState\":\"Terminating\"");
    assertThat(count(EndExec.class)).isZero();
  }

  @Test
  void orAWhileLater() {
    StartExec exec = running("echo", null);
    writes(exec, "bye");
    ends(exec, null);
    world.advance(ExecProtocol.FLUSH_LIMIT.plusSeconds(1));
    assertThat(said(AgentMessage.SESSION_STATE)).hasSize(1);
    world.advance(ExecProtocol.CLOSE_LIMIT.plusSeconds(1));
    assertThat(closes(data)).isTrue();
  }

  @Test
  void aCommandThatCannotRunIsToldAsAFailure() {
    StartExec exec = running("nothing", null);
    ends(exec, "no such file");
    assertThat(failure()).isEqualTo("Unable to start command: no such file");
    assertThat(count(EndExec.class)).isZero();
  }

  @Test
  void theCommandEndsWithItsSession() {
    StartExec exec = running("sh", null);
    world.deliver(new AgentEvent.SocketClosed(data, 1006, ""));
    world.settle();
    assertThat(world.execEffects).endsWith(new EndExec(exec.exec()));
    writes(exec, "late");
    ends(exec, null);
    assertThat(count(EndExec.class)).isEqualTo(1);
  }

  @Test
  void theControlPlaneMayCloseIt() {
    StartExec exec = running("sh", null);
    // A socket may take a while to close; the command does not wait for that.
    world.hold = effect -> effect instanceof AgentEffect.CloseSocket;
    say(
        data,
        AgentMessage.single(
            AgentMessage.CHANNEL_CLOSED, 1, new UUID(1, 9), "{}".getBytes(StandardCharsets.UTF_8)));
    assertThat(world.execEffects).endsWith(new EndExec(exec.exec()));
    world.release();
    assertThat(count(EndExec.class)).isEqualTo(1);
  }

  @Test
  void aClientMayEndIt() {
    StartExec exec = running("sh", null);
    say(
        data,
        new AgentMessage(
            AgentMessage.INPUT,
            1,
            1,
            1,
            0,
            new UUID(2, 1),
            AgentMessage.PAYLOAD_FLAG,
            ByteBuffer.allocate(4).putInt(AgentMessage.FLAG_TERMINATE).array()));
    assertThat(world.execEffects).endsWith(new EndExec(exec.exec()));
    assertThat(said(AgentMessage.SESSION_STATE)).hasSize(1);
  }

  @Test
  void aClientThatNeverAcknowledgesIsGivenUp() {
    StartExec exec = running("sh", null);
    writes(exec, "hello?");
    world.advance(Duration.ofMinutes(6));
    assertThat(failure()).isEqualTo("the client does not acknowledge what it is sent");
    assertThat(world.execEffects).endsWith(new EndExec(exec.exec()));
    assertThat(closes(data)).isTrue();
  }

  // ---- logging ----------------------------------------------------------------------------------

  @Test
  void outputIsLoggedLineByLine() {
    StartExec exec = running("sh", "/group");
    writes(exec, "one\r\ntw");
    writes(exec, "o\r\n\r\nthree");
    ends(exec, null);
    acknowledge(2);
    acknowledge(3);
    world.deliver(new AgentEvent.SocketClosed(data, 1000, ""));
    world.settle();
    assertThat(logged()).containsExactly("one", "two", "three");
  }

  @Test
  void aLogGroupThatIsMissingEndsTheLogAndNotTheSession() {
    StartExec exec = running("sh", "/nowhere");
    writes(exec, "one\n");
    writes(exec, "x".repeat(ExecLog.MAX_QUEUE_BYTES + 1) + "\n");
    assertThat(output()).hasSizeGreaterThan(2);
    assertThat(count(ContinueExec.class)).isEqualTo(2);
    assertThat(world.notes)
        .anyMatch(note -> note.text().contains("is not logged to /nowhere any more"));
  }

  /// It makes no stream until it is released.
  private void theLogServiceIsSlow() {
    world.hold =
        effect ->
            effect instanceof AgentEffect.CallApi<?, ?> call
                && call.input() instanceof CreateLogStreamRequest;
  }

  @Test
  void aLogServiceThatIsSlowHoldsTheCommandUp() {
    StartExec exec = running("sh", "/group");
    theLogServiceIsSlow();
    String line = "x".repeat(16_000) + "\n";
    for (int i = 0; i < 20; i++) {
      writes(exec, line);
      acknowledge(2 + i);
    }
    long before = count(ContinueExec.class);
    assertThat(before).isBetween(15L, 19L);
    world.release();
    assertThat(Objects.requireNonNull(world.logStreams.get("s1"))).hasSize(20);
    assertThat(count(ContinueExec.class)).isEqualTo(before + 1);
  }

  @Test
  void aLogServiceThatFailsForAWhileLosesNothing() {
    StartExec exec = running("sh", "/group");
    writes(exec, "one\n");
    int[] calls = {0};
    world.interfere =
        effect ->
            effect instanceof AgentEffect.CallApi<?, ?> call
                    && call.input() instanceof PutLogEventsRequest
                    && ++calls[0] < ExecLog.MAX_TRIES
                ? new AgentEvent.Refused(call.id(), "ServiceUnavailableException", 503, "later")
                : null;
    writes(exec, "two\n");
    world.advance(Duration.ofHours(1));
    assertThat(calls[0]).isEqualTo(ExecLog.MAX_TRIES);
    assertThat(logged()).containsExactly("one", "two");
  }

  @Test
  void aLogServiceThatFailsForLongIsGivenUp() {
    StartExec exec = running("sh", "/group");
    int[] calls = {0};
    world.interfere =
        effect -> {
          if (effect instanceof AgentEffect.CallApi<?, ?> call
              && call.input() instanceof PutLogEventsRequest) {
            calls[0]++;
            return new AgentEvent.Refused(call.id(), "ServiceUnavailableException", 503, "later");
          }
          return null;
        };
    writes(exec, "one\n");
    world.advance(Duration.ofHours(1));
    assertThat(calls[0]).isEqualTo(ExecLog.MAX_TRIES);
    assertThat(world.notes)
        .anyMatch(note -> note.text().contains("is not logged to /group any more: later"));
  }

  /// An answer that was lost leaves it behind.
  @Test
  void aLogStreamThatIsThereIsUsed() {
    world.logStreams.put("s1", new ArrayList<>());
    StartExec exec = running("sh", "/group");
    writes(exec, "one\n");
    assertThat(logged()).containsExactly("one");
  }

  @Test
  void aLineThatIsTooLongIsCutAndABatchIsBounded() {
    StartExec exec = running("sh", "/group");
    theLogServiceIsSlow();
    writes(exec, "x".repeat(ExecLog.MAX_LINE_BYTES) + "y\n");
    writes(exec, "z\n".repeat(2 * ExecLog.MAX_BATCH_EVENTS));
    world.release();
    List<String> lines = logged();
    assertThat(lines).hasSize(2 + 2 * ExecLog.MAX_BATCH_EVENTS);
    assertThat(lines.getFirst()).hasSize(ExecLog.MAX_LINE_BYTES);
    assertThat(lines.get(1)).isEqualTo("y");
    assertThat(
            world.all.stream()
                .filter(AgentEffect.CallApi.class::isInstance)
                .map(effect -> ((AgentEffect.CallApi<?, ?>) effect).input())
                .filter(PutLogEventsRequest.class::isInstance)
                .map(input ->
                    Objects.requireNonNull(((PutLogEventsRequest) input).logEvents()).size()))
        .containsExactly(ExecLog.MAX_BATCH_EVENTS, ExecLog.MAX_BATCH_EVENTS, 2);
  }

  private List<String> logged() {
    return Objects.requireNonNull(world.logStreams.get("s1")).stream()
        .map(InputLogEvent::message)
        .toList();
  }

  @Test
  void whatIsTypedIsNeverPrinted() {
    running("sh -c 'secret'", null);
    input(typed, AgentMessage.PAYLOAD_OUTPUT, "password");
    assertThat(world.all.toString() + world.notes)
        .doesNotContain("secret", "password", "the-token");
  }
}
