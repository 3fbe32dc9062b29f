package dev.gantry.conformance.fuzz;

import dev.gantry.conformance.fuzz.Conversation.Protocol;
import dev.gantry.conformance.fuzz.Conversation.Step;
import dev.gantry.control.ControlOperations;
import dev.gantry.control.ecs.Definitions;
import dev.gantry.wire.shape.Operation;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;

/// What is sent: a pure function of the seed and the number of the case, but for the dates and the
/// names that signatures are over.
final class Cases {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /// All but those whose answer goes on as a stream of events: a conversation waits for the end of
  /// what it is told, and that has none.
  private final List<Operation<?, ?>> operations =
      ControlOperations.table(new Definitions()).operations().stream()
          .filter(operation -> operation.events() == null)
          .toList();

  private final long seed;
  private final RequestBytes requests;
  private final SocketMess sockets;

  /// @param instanceArn a container instance that exists, for agents' sockets
  Cases(long seed, RequestBytes requests, String instanceArn) {
    this.seed = seed;
    this.requests = requests;
    this.sockets = new SocketMess(requests, instanceArn);
  }

  /// The case of that number.
  Conversation at(long index) {
    SplittableRandom random = new SplittableRandom(seed ^ (index * GOLDEN));
    int of1000 = random.nextInt(1_000);
    if (of1000 < 380) {
      Operation<?, ?> operation = operation(random);
      String body = JsonMess.input(random, operation.input(), random.nextInt(12));
      return call("json", operation, body.getBytes(StandardCharsets.UTF_8));
    }
    if (of1000 < 600) {
      Operation<?, ?> operation = operation(random);
      String body = JsonMess.input(random, operation.input(), random.nextInt(4));
      return call(
          "bytes", operation, JsonMess.mutate(random, body.getBytes(StandardCharsets.UTF_8)));
    }
    if (of1000 < 720) {
      return sockets.next(random);
    }
    if (of1000 == 720 && random.nextInt(4) == 0) {
      return large(random);
    }
    HttpMess http = http(random);
    if (of1000 < 870) {
      return http.broken(random);
    }
    if (of1000 < 930) {
      return http.ambiguous(random);
    }
    if (of1000 < 955) {
      return http.foreign(random);
    }
    if (of1000 < 980) {
      return http.pipelined(random);
    }
    if (of1000 < 985) {
      return http.slow(random);
    }
    return http.halfOpen(random);
  }

  private Conversation call(String kind, Operation<?, ?> operation, byte[] body) {
    return new Conversation(
        kind,
        List.of(new Step.Send(requests.call(operation, body))),
        1,
        1,
        Protocol.CALL,
        operation.name());
  }

  private Operation<?, ?> operation(SplittableRandom random) {
    return operations.get(random.nextInt(operations.size()));
  }

  private HttpMess http(SplittableRandom random) {
    Operation<?, ?> operation = operation(random);
    byte[] body = JsonMess.input(random, operation.input(), 1).getBytes(StandardCharsets.UTF_8);
    return new HttpMess(requests, requests.fields(operation, body), body);
  }

  /// A body past the limit of its service.
  private Conversation large(SplittableRandom random) {
    Operation<?, ?> operation = operation(random);
    int past = (int) operation.service().bodyLimitBytes() + 1 + random.nextInt(1_000);
    byte[] body = ("{\"x\":\"" + "x".repeat(past) + "\"}").getBytes(StandardCharsets.US_ASCII);
    return new Conversation(
        "large",
        List.of(new Step.Send(requests.call(operation, body)), new Step.EndOutput()),
        1,
        1,
        Protocol.HTTP,
        "");
  }
}
