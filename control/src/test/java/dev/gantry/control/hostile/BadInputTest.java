package dev.gantry.control.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.control.ControlEffect;
import dev.gantry.control.hostile.BadInput.Wanted;
import dev.gantry.wire.WireResponse;
import dev.gantry.wire.shape.Operation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Every operation that is carried out answers everything, bad input with the service's own error,
/// and is unchanged by what it refuses.
///
/// The requests are made from the models, so an operation is covered as soon as it is registered.
/// When one fails here: the text names the operation, the member and what was wrong with it, and
/// shows the body.
class BadInputTest {
  /// Failures of one operation that are shown; the first say enough.
  private static final int MAX_SHOWN = 12;

  private static final int RANDOM_INPUTS = 400;

  /// Another seed finds other things; this one is what every build tries.
  private static final long SEED = 1;

  @TestFactory
  Stream<DynamicTest> oneThingWrong() {
    return HostileWorld.operations().stream()
        .map(operation ->
            DynamicTest.dynamicTest(
                operation.toString(),
                () -> {
                  HostileWorld world = new HostileWorld();
                  check(
                      operation,
                      world,
                      BadInputs.of(operation.input(), new Samples(world.names())));
                }));
  }

  @TestFactory
  Stream<DynamicTest> anythingWrong() {
    return HostileWorld.operations().stream()
        .map(operation ->
            DynamicTest.dynamicTest(
                operation.toString(),
                () -> {
                  HostileWorld world = new HostileWorld();
                  Samples samples = new Samples(world.names());
                  SplittableRandom random = new SplittableRandom(SEED);
                  List<BadInput> inputs = new ArrayList<>();
                  for (int i = 0; i < RANDOM_INPUTS; i++) {
                    inputs.add(BadInputs.random(operation.input(), samples, random));
                  }
                  check(operation, world, inputs);
                }));
  }

  @TestFactory
  Stream<DynamicTest> aBodyPastTheLimit() {
    HostileWorld world = new HostileWorld();
    return HostileWorld.operations().stream()
        .map(operation ->
            DynamicTest.dynamicTest(
                operation.toString(),
                () -> {
                  assertThat(world.bodyLimit(operation))
                      .isEqualTo(operation.service().bodyLimitBytes());
                  WireResponse refused = world.tooLarge(operation);
                  assertThat(refused.status()).isEqualTo(413);
                  assertThat(members(refused))
                      .containsEntry("__type", "RequestEntityTooLargeException");
                }));
  }

  private static void check(Operation<?, ?> operation, HostileWorld first, List<BadInput> inputs) {
    List<String> wrong = new ArrayList<>();
    HostileWorld world = first;
    for (BadInput input : inputs) {
      long before = world.revision();
      String problem;
      try {
        problem = problem(operation, world, before, input);
      } catch (RuntimeException | StackOverflowError e) {
        problem = "threw " + e;
      }
      if (problem != null) {
        wrong.add(problem + "\n    " + input);
      }
      if (world.revision() != before) {
        // What follows should find the world as it was.
        world = new HostileWorld();
      }
    }
    assertThat(wrong.stream().limit(MAX_SHOWN))
        .as("%d of %d answers of %s are wrong", wrong.size(), inputs.size(), operation)
        .isEmpty();
  }

  private static @Nullable String problem(
      Operation<?, ?> operation, HostileWorld world, long before, BadInput input) {
    WireResponse response = world.send(operation, input.body());
    List<ControlEffect> logChanges = world.logChanges();
    List<String> faults = world.takeFaults();
    if (response == null) {
      return "no answer";
    }
    if (!faults.isEmpty()) {
      return "a fault inside: " + faults;
    }
    Map<String, String> members = members(response);
    if (response.status() == 200) {
      return input.wanted() == Wanted.ORDERLY ? null : "taken, though " + input.wanted();
    }
    String code = members.getOrDefault("__type", "");
    String text = members.getOrDefault("message", members.getOrDefault("Message", ""));
    String answer = response.status() + " " + code + ": " + text;
    if (response.status() < 400 || response.status() > 499) {
      return "answered with " + answer;
    }
    if (text.isEmpty() || response.headers().first("x-amzn-RequestId") == null) {
      return "an error without its text or request id: " + answer;
    }
    if (!ModelledErrors.has(operation, code)) {
      return "an error that the operation does not have: " + answer;
    }
    if (world.revision() != before || !logChanges.isEmpty()) {
      return "refused, but something changed: " + answer + ", " + logChanges;
    }
    return switch (input.wanted()) {
      case ORDERLY -> null;
      case MALFORMED -> code.equals("SerializationException") ? null : "not malformed: " + answer;
      case INVALID ->
          code.equals(operation.service().invalidInput("").code())
                  && text.contains("failed to satisfy constraint")
              ? null
              : "not invalid: " + answer;
    };
  }

  /// The text members of a response, which must be a JSON object.
  private static Map<String, String> members(WireResponse response) {
    Map<String, String> members = new LinkedHashMap<>();
    String text = new String(response.body(), StandardCharsets.UTF_8);
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() == null) {
        return members;
      }
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        if (parser.nextToken() == JsonToken.VALUE_STRING) {
          members.put(name, parser.getString());
        } else {
          parser.skipChildren();
        }
      }
      assertThat(parser.nextToken()).isNull();
    }
    return members;
  }
}
