package dev.gantry.conformance.fuzz;

import dev.gantry.conformance.fuzz.Conversation.Protocol;
import dev.gantry.conformance.fuzz.Conversation.Step;
import dev.gantry.wire.Headers;
import dev.gantry.wire.Headers.Header;
import dev.gantry.wire.auth.SignedFrame;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// An agent's sockets, properly opened, and then frames and messages that are wrong.
final class SocketMess {
  private static final int MAX_FRAMES = 12;
  private static final int LONG_PAYLOAD = 70_000;
  private static final int FIN = 0x80;
  private static final int MASKED = 0x80;
  private static final int TEXT = 1;

  private static final List<String> MESSAGES =
      List.of(
          "{\"type\":\"AckRequest\",\"message\":{\"messageId\":\"x\"}}",
          "{\"type\":\"AckRequest\",\"message\":{\"messageId\":7}}",
          "{\"type\":\"AckRequest\"}",
          "{\"type\":\"NackRequest\",\"message\":{\"messageId\":\"x\",\"reason\":\"\\r\\nforged\"}}",
          "{\"type\":\"HeartbeatAckRequest\",\"message\":{}}",
          "{\"type\":\"TaskStopVerificationMessage\",\"message\":{\"stopCandidates\":[{}]}}",
          "{\"type\":\"TaskStopVerificationMessage\",\"message\":{\"stopCandidates\":"
              + "[{\"taskArn\":\"arn:aws:ecs:us-east-1:000000000000:task/default/x\"}]}}",
          "{\"type\":\"PayloadMessage\",\"message\":{\"tasks\":[]}}",
          "{\"type\":\"\",\"message\":[]}",
          "{\"type\":null}",
          "{\"message\":{}}",
          "[]",
          "null",
          "",
          "{",
          "[".repeat(2_000),
          "{\"a\":".repeat(2_000));

  private static final List<String> TELEMETRY =
      List.of(
          "{\"type\":\"PublishMetricsRequest\",\"message\":{\"metadata\":{},\"taskMetrics\":[]}}",
          "{\"type\":\"PublishHealthRequest\",\"message\":{\"tasks\":[{}]}}",
          "{\"type\":\"PublishInstanceStatusRequest\",\"message\":{}}",
          "{\"type\":\"PublishMetricsRequest\",\"message\":null}",
          "{\"type\":7}",
          "nothing");

  private static final int[] CODES = {
    0, 1, 999, 1000, 1001, 1004, 1005, 1006, 1015, 1016, 2999, 3000, 4999, 5000, 65535
  };

  private final RequestBytes requests;
  private final String instanceArn;

  SocketMess(RequestBytes requests, String instanceArn) {
    this.requests = requests;
    this.instanceArn = instanceArn;
  }

  Conversation next(SplittableRandom random) {
    boolean telemetry = random.nextInt(3) == 0;
    String path = telemetry ? "/tcs/ws" : "/acs/ws";
    String query = query(random, telemetry);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        upgrade(path, query, random.nextInt(30) == 0 ? "logs" : "ecs", random.nextInt(20) == 0));
    List<Step> steps = new ArrayList<>();
    boolean apart = random.nextBoolean();
    for (int n = random.nextInt(MAX_FRAMES); n > 0; n--) {
      if (apart) {
        steps.add(new Step.Send(out.toByteArray()));
        out.reset();
      }
      out.writeBytes(frame(random, telemetry, path, query));
    }
    if (random.nextInt(3) != 0) {
      out.writeBytes(close(random));
    }
    steps.add(new Step.Send(out.toByteArray()));
    if (random.nextInt(10) == 0) {
      steps.add(new Step.Reset());
      return new Conversation("socket", steps, 1, 0, Protocol.NONE);
    }
    steps.add(new Step.EndOutput());
    return new Conversation("socket", steps, 1, 1, Protocol.SOCKET);
  }

  private String query(SplittableRandom random, boolean telemetry) {
    String arn = random.nextInt(20) == 0 ? "arn:aws:ecs:x" : instanceArn;
    String name = telemetry ? "containerInstance" : "containerInstanceArn";
    return "agentHash=x&agentVersion="
        + random.nextInt(3)
        + "&clusterArn=fuzz&"
        + name
        + "="
        + URLEncoder.encode(arn, StandardCharsets.UTF_8)
        + "&protocolVersion=2&seqNum=1"
        + (random.nextInt(20) == 0 ? "&" + name + "=%zz&=&&" : "");
  }

  private byte[] upgrade(String path, String query, String service, boolean badKey) {
    List<Header> fields = new ArrayList<>();
    fields.add(new Header("Connection", "Upgrade"));
    fields.add(new Header("Upgrade", "websocket"));
    fields.add(new Header("Sec-WebSocket-Version", "13"));
    fields.add(new Header("Sec-WebSocket-Key", badKey ? "x" : "dGhlIHNhbXBsZSBub25jZQ=="));
    StringBuilder head = new StringBuilder("GET " + path + "?" + query + " HTTP/1.1\r\n");
    for (Header field : requests.sign("GET", path, query, List.of(), new byte[0], service)) {
      head.append(field.name()).append(": ").append(field.value()).append("\r\n");
    }
    for (Header field : fields) {
      head.append(field.name()).append(": ").append(field.value()).append("\r\n");
    }
    return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private byte[] frame(SplittableRandom random, boolean telemetry, String path, String query) {
    byte[] payload = payload(random, telemetry, path, query);
    return switch (random.nextInt(12)) {
      case 0 -> frame(random, FIN | random.nextInt(16), payload, MASKED, payload.length);
      case 1 -> frame(random, random.nextInt(256), payload, MASKED, payload.length);
      case 2 -> frame(random, FIN | TEXT, payload, 0, payload.length);
      case 3 -> {
        // A length that is not the payload's.
        long[] lengths = {0, 1, 125, 126, 65_536, 1 << 20, (1 << 20) + 1, 1L << 31, -1};
        yield frame(random, FIN | TEXT, payload, MASKED, lengths[random.nextInt(lengths.length)]);
      }
      case 4 -> frame(random, FIN | 9, new byte[random.nextInt(130)], MASKED, -2);
      case 5 -> {
        // A message in pieces, a ping between them.
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int at = payload.length / 2;
        out.writeBytes(frame(random, TEXT, java.util.Arrays.copyOf(payload, at), MASKED, at));
        if (random.nextBoolean()) {
          out.writeBytes(frame(random, FIN | 9, new byte[3], MASKED, 3));
        }
        int rest = payload.length - at;
        out.writeBytes(
            frame(
                random,
                random.nextInt(8) == 0 ? FIN | TEXT : FIN,
                java.util.Arrays.copyOfRange(payload, at, payload.length),
                MASKED,
                rest));
        yield out.toByteArray();
      }
      case 6 -> {
        byte[] noise = new byte[random.nextInt(60)];
        random.nextBytes(noise);
        yield noise;
      }
      default -> frame(random, FIN | TEXT, payload, MASKED, payload.length);
    };
  }

  private byte[] payload(SplittableRandom random, boolean telemetry, String path, String query) {
    List<String> from = telemetry ? TELEMETRY : MESSAGES;
    byte[] body = from.get(random.nextInt(from.size())).getBytes(StandardCharsets.UTF_8);
    if (random.nextInt(3) == 0) {
      body = JsonMess.mutate(random, body);
    }
    if (random.nextInt(60) == 0) {
      body = new byte[random.nextInt(LONG_PAYLOAD)];
    }
    if (!telemetry || random.nextInt(5) == 0) {
      return body;
    }
    String text = new String(body, StandardCharsets.UTF_8);
    String frame =
        new SignedFrame(
                Headers.of(
                    requests.sign(
                        "GET",
                        path,
                        query,
                        List.of(),
                        text.getBytes(StandardCharsets.UTF_8),
                        "ecs")),
                text)
            .text();
    byte[] bytes = frame.getBytes(StandardCharsets.UTF_8);
    return random.nextInt(5) == 0 ? JsonMess.mutate(random, bytes) : bytes;
  }

  private byte[] close(SplittableRandom random) {
    byte[] payload;
    switch (random.nextInt(5)) {
      case 0 -> payload = new byte[0];
      case 1 -> payload = new byte[] {3};
      case 2 -> {
        payload = new byte[2 + random.nextInt(140)];
        random.nextBytes(payload);
      }
      default -> {
        int code = CODES[random.nextInt(CODES.length)];
        payload = new byte[] {(byte) (code >> 8), (byte) code, 'x'};
      }
    }
    return frame(random, FIN | 8, payload, MASKED, payload.length);
  }

  /// @param told the length that the frame tells; -2 for the payload's
  private static byte[] frame(
      SplittableRandom random, int first, byte[] payload, int masked, long told) {
    long length = told == -2 ? payload.length : told;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(first);
    // Not always the shortest way to tell it.
    int extra = length >= 0 && length < 126 ? (random.nextInt(20) == 0 ? 2 : 0) : 2;
    if (length < 0 || length > 0xffff || random.nextInt(40) == 0) {
      extra = 8;
    }
    out.write(masked | (extra == 0 ? (int) length : extra == 2 ? 126 : 127));
    byte[] told8 = ByteBuffer.allocate(8).putLong(length).array();
    out.write(told8, 8 - extra, extra);
    byte[] mask = new byte[4];
    random.nextBytes(mask);
    if (masked != 0) {
      out.writeBytes(mask);
    }
    for (int i = 0; i < payload.length; i++) {
      out.write(masked == 0 ? payload[i] : payload[i] ^ mask[i & 3]);
    }
    return out.toByteArray();
  }
}
