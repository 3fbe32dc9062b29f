package dev.gantry.control.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.acs.AckRequest;
import dev.gantry.api.acs.HeartbeatAckRequest;
import dev.gantry.api.acs.NackRequest;
import dev.gantry.api.acs.TaskStopVerificationMessage;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.FakeAgent;
import dev.gantry.control.ecs.EcsHarness;
import dev.gantry.store.State;
import dev.gantry.wire.json.MessageEnvelope;
import dev.gantry.wire.shape.Structure;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What an agent says cannot hurt the writer, whatever it is: no exception, no change of what it
/// has no say in, and the socket goes on working.
class BadMessageTest {
  /// Every message that an agent may send on its two sockets, with its shape if it is read.
  private static final List<Structure<?>> SHAPES =
      List.of(
          AckRequest.SHAPE,
          NackRequest.SHAPE,
          TaskStopVerificationMessage.SHAPE,
          HeartbeatAckRequest.SHAPE);

  private static final List<String> FRAMES =
      List.of(
          "",
          " ",
          "null",
          "[]",
          "{}",
          "{\"type\":1}",
          "{\"type\":null,\"message\":{}}",
          "{\"type\":\"AckRequest\"}",
          "{\"type\":\"AckRequest\",\"message\":null}",
          "{\"type\":\"AckRequest\",\"message\":[]}",
          "{\"type\":\"AckRequest\",\"message\":\"{}\"}",
          "{\"type\":\"\",\"message\":{}}",
          "{\"type\":\"NoSuchMessage\",\"message\":{}}",
          "{\"type\":\"PayloadMessage\",\"message\":{\"tasks\":[]}}",
          "{\"message\":{},\"type\":\"AckRequest\",\"type\":\"NackRequest\"}",
          "{\"type\":\"AckRequest\",\"message\":{}}{}",
          "{\"type\":\"AckRequest\",\"message\":{",
          "{\"type\":\"AckRequest\",\"message\":" + "[".repeat(100_000),
          "{\"x\":".repeat(100_000),
          "\u0000",
          "\ud800",
          "x".repeat(1_000_000),
          "GET / HTTP/1.1\r\nHost: x\r\n\r\n{}",
          "Authorization: x\r\n\r\n{\"type\":\"PublishMetricsRequest\",\"message\":{}}",
          "\r\n\r\n",
          ":\r\n\r\n{}");

  private final ControlHarness control = EcsHarness.withDefaultCluster();

  @Test
  void onTheAgentCommunicationSocket() {
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    EcsHarness.define(control, "web", EcsHarness.container("web").build());
    EcsHarness.runOne(control, "web");
    Samples samples =
        new Samples(
            Map.of(
                "cluster",
                "default",
                "containerInstance",
                agent.arn(),
                "messageId",
                agent.manifests().getLast().messageId() + ""));
    State before = control.plane().head();

    for (String frame : FRAMES) {
      agent.sendText(frame);
    }
    for (Structure<?> shape : SHAPES) {
      for (BadInput input : BadInputs.of(shape, samples)) {
        for (String text : texts(input.body())) {
          agent.sendText(MessageEnvelope.wrap(shape.name(), text));
          agent.sendText(text);
        }
      }
    }

    assertThat(control.plane().head()).isSameAs(before);
    assertThat(agent.closed()).isNull();
    agent.clear();
    String next = EcsHarness.runOne(control, "web");
    assertThat(agent.told()).contains("RUNNING " + next);
  }

  /// A frame that is not one ends the socket: what follows on it could not be believed either.
  @Test
  void onTheTelemetrySocket() {
    FakeAgent agent = FakeAgent.register(control, "default").connectTelemetry();
    State before = control.plane().head();
    List<String> frames = new ArrayList<>(FRAMES);
    for (String type :
        List.of(
            "PublishMetricsRequest",
            "PublishHealthRequest",
            "PublishInstanceStatusRequest",
            "StartTelemetrySessionRequest")) {
      for (String message : FRAMES) {
        frames.add(MessageEnvelope.wrap(type, message));
      }
    }
    for (String frame : frames) {
      agent.sendText(frame);
      assertThat(agent.closed()).isIn(null, "1008 AccessDeniedException");
      if (agent.closed() != null) {
        agent.connectTelemetry();
      }
    }
    assertThat(control.plane().head()).isSameAs(before);
    agent.sendText(MessageEnvelope.wrap("PublishHealthRequest", "{}"));
    assertThat(agent.types()).last().isEqualTo("AckPublishHealth");
  }

  /// The text, if the bytes are one: anything else does not get past the socket.
  private static List<String> texts(byte[] body) {
    List<String> texts = new ArrayList<>();
    try {
      texts.add(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString());
    } catch (CharacterCodingException _) {
      // Refused by the socket with 1007.
      return texts;
    }
    return texts;
  }
}
