package dev.gantry.bench;

import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.shape.Constraints;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.function.Supplier;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// How long the wire codec takes for a task definition of 2.3 KB: the first time in a process, and
/// when warm. The floor is the JSON parser alone, reading every token and string of the same bytes.
///
/// Run it in a fresh JVM; `docs/decisions/0002-descriptor-driven-codec.md` has the numbers that
/// chose the codec.
public final class CodecBench {
  private static final int CALLS = 20_000;
  private static final int ROUNDS = 10;

  private CodecBench() {}

  /// Measures and prints.
  ///
  /// @throws IOException if the input is missing from the jar
  public static void main(String[] args) throws IOException {
    byte[] json;
    try (InputStream in =
        Objects.requireNonNull(CodecBench.class.getResourceAsStream("task-definition.json"))) {
      json = in.readAllBytes();
    }
    var shape = RegisterTaskDefinitionRequest.SHAPE;
    long start = System.nanoTime();
    RegisterTaskDefinitionRequest request = AwsJson.decode(shape, json);
    long decoded = System.nanoTime();
    AwsJson.encode(shape, request);
    long encoded = System.nanoTime();
    Constraints.violations(shape, request);
    long checked = System.nanoTime();
    System.out.printf("RegisterTaskDefinition, %d bytes%n", json.length);
    System.out.printf("  %-28s %8.2f ms%n", "first decode", (decoded - start) / 1e6);
    System.out.printf("  %-28s %8.2f ms%n", "first encode", (encoded - decoded) / 1e6);
    System.out.printf("  %-28s %8.2f ms%n", "first check", (checked - encoded) / 1e6);

    JsonFactory factory = new JsonFactory();
    print("floor: JSON parser alone", () -> tokens(factory, json));
    print("decode", () -> AwsJson.decode(shape, json));
    print("encode", () -> AwsJson.encode(shape, request));
    print("check", () -> Objects.requireNonNullElse(Constraints.violations(shape, request), ""));
  }

  /// Prints the best of several rounds: on a busy machine the others measure the neighbours.
  private static void print(String name, Supplier<Object> call) {
    long best = Long.MAX_VALUE;
    long seen = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      for (int i = 0; i < CALLS; i++) {
        seen += System.identityHashCode(call.get()) & 1;
      }
      best = Math.min(best, System.nanoTime() - start);
    }
    System.out.printf(
        "  %-28s %8.2f us%s%n", name, best / 1e3 / CALLS, seen < 0 ? " (overflow)" : "");
  }

  private static Object tokens(JsonFactory factory, byte[] json) {
    int chars = 0;
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.VALUE_STRING) {
          chars += parser.getString().length();
        }
      }
    }
    return chars;
  }
}
