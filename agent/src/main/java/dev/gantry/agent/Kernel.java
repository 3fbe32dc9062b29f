package dev.gantry.agent;

import dev.gantry.agent.AgentEffect.CallApi;
import dev.gantry.agent.AgentEffect.Note;
import dev.gantry.agent.AgentEffect.Request;
import dev.gantry.wire.shape.Operation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;

/// What the parts of the core share: the time of the event in hand, the effects decided so far, the
/// requests that await their answer, timers and chance.
final class Kernel {
  private final RandomGenerator random;
  private final Map<Long, Consumer<AgentEvent>> awaiting = new LinkedHashMap<>();
  private List<AgentEffect> effects = new ArrayList<>();
  private long nextId = 1;
  private Instant now = Instant.EPOCH;

  final Timers timers = new Timers();

  Kernel(RandomGenerator random) {
    this.random = random;
  }

  /// The outcome of an API call.
  sealed interface Outcome<O> {
    /// It was done.
    record Done<O>(O output) implements Outcome<O> {}

    /// The service refused it.
    record Refused<O>(String code, int status, String message) implements Outcome<O> {
      /// True if the same call may be answered differently later.
      boolean transientError() {
        return status >= 500
            || status == 429
            || code.equals("ThrottlingException")
            || code.equals("ServerException")
            || code.equals("LimitExceededException")
            || code.equals("ServiceUnavailableException");
      }
    }

    /// There was no answer.
    record Lost<O>(String message) implements Outcome<O> {}
  }

  void begin(Instant now) {
    this.now = now;
  }

  /// The effects decided since the last call.
  List<AgentEffect> take() {
    List<AgentEffect> taken = effects;
    effects = new ArrayList<>();
    return taken;
  }

  Instant now() {
    return now;
  }

  /// Evenly from 0 (inclusive) to 1 (exclusive).
  double chance() {
    return random.nextDouble();
  }

  /// So many random hexadecimal digits.
  String hex(int digits) {
    StringBuilder text = new StringBuilder(digits);
    for (int i = 0; i < digits; i++) {
      text.append(Character.forDigit(random.nextInt(16), 16));
    }
    return text.toString();
  }

  /// A random UUID (version 4) for message ids.
  String uuid() {
    return new UUID(
            (random.nextLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x4000L,
            (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L)
        .toString();
  }

  /// A number that no other request, socket or followed log has.
  long number() {
    return nextId++;
  }

  void emit(AgentEffect effect) {
    effects.add(effect);
  }

  void note(Note.Level level, String text) {
    effects.add(new Note(level, text));
  }

  /// Emits a request; `then` hears its answer, unless the core's life ends before.
  void request(LongFunction<? extends Request> make, Consumer<AgentEvent> then) {
    long id = number();
    awaiting.put(id, then);
    effects.add(make.apply(id));
  }

  /// Calls an operation.
  ///
  /// @param output the operation's output type
  <I, O> void call(
      String region,
      Operation<I, O> operation,
      I input,
      Class<O> output,
      Consumer<Outcome<O>> then) {
    request(
        id -> new CallApi<>(id, region, operation, input),
        answer -> {
          switch (answer) {
            case AgentEvent.Answered(long _, Object value) ->
                then.accept(new Outcome.Done<>(output.cast(value)));
            case AgentEvent.Refused(long _, String code, int status, String message) ->
                then.accept(new Outcome.Refused<>(code, status, message));
            case AgentEvent.Unanswered(long _, String message) ->
                then.accept(new Outcome.Lost<>(message));
            default -> throw unexpected(operation + " was answered by", answer);
          }
        });
  }

  /// Hands an answer to whoever asked.
  void answer(long id, AgentEvent answer) {
    Consumer<AgentEvent> then = awaiting.remove(id);
    if (then != null) {
      then.accept(answer);
    }
  }

  /// A driver that breaks the vocabulary's rules.
  static IllegalStateException unexpected(String what, AgentEvent event) {
    return new IllegalStateException(what + " " + event.getClass().getSimpleName());
  }
}
