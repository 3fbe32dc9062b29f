package dev.gantry.conformance;

import dev.gantry.home.RootKey;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The AWS CLI that is on PATH, of either major version, pointed at a Gantry.
///
/// @param endpoint always given on the command line: an AWS CLI v2 below 2.13 ignores
///   AWS_ENDPOINT_URL and would call the real AWS
/// @param keyId the access key id, or null for none
record AwsCli(URI endpoint, @Nullable String keyId, @Nullable String secret) {
  private static final int LIMIT_SECONDS = 120;

  /// With the installation's root key.
  static AwsCli of(GantryProcess gantry) throws IOException {
    RootKey key = gantry.key();
    return new AwsCli(gantry.endpoint(), key.accessKeyId(), key.secret());
  }

  /// What `aws --version` says, or null if there is no AWS CLI.
  static @Nullable String version() throws InterruptedException {
    try {
      Result result = run(List.of("aws", "--version"), Map.of());
      return result.code() == 0 ? result.out() : null;
    } catch (IOException absent) {
      return null;
    }
  }

  /// How a call ended.
  record Result(int code, String out, String err) {}

  /// Makes a call that has to succeed and returns its output, without white space at its ends.
  String call(String... arguments) throws IOException, InterruptedException {
    Result result = attempt(Map.of(), arguments);
    if (result.code() != 0) {
      throw new AssertionError(
          "aws " + String.join(" ", arguments) + " ended with " + result.code() + ": " + result);
    }
    return result.out().strip();
  }

  /// Makes a call that has to fail and returns what it says.
  String refusal(String... arguments) throws IOException, InterruptedException {
    return refusal(Map.of(), arguments);
  }

  /// Makes a call that has to fail and returns what it says.
  ///
  /// @param environment more variables, such as AWS_SESSION_TOKEN
  String refusal(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    Result result = attempt(environment, arguments);
    if (result.code() == 0) {
      throw new AssertionError("aws " + String.join(" ", arguments) + " succeeds: " + result);
    }
    return result.err().strip();
  }

  private Result attempt(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("aws", "--endpoint-url", endpoint.toString()));
    command.addAll(List.of("--region", AwsClients.REGION.id()));
    command.addAll(List.of(arguments));
    Map<String, String> all = new java.util.TreeMap<>(environment);
    if (keyId != null && secret != null) {
      all.put("AWS_ACCESS_KEY_ID", keyId);
      all.put("AWS_SECRET_ACCESS_KEY", secret);
    }
    return run(command, all);
  }

  private static Result run(List<String> command, Map<String, String> environment)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> variables = builder.environment();
    variables.keySet().removeIf(name -> name.startsWith("AWS_"));
    // Whoever runs the tests may have profiles; they are none of ours.
    variables.put("AWS_CONFIG_FILE", "/dev/null");
    variables.put("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    variables.put("AWS_EC2_METADATA_DISABLED", "true");
    variables.put("AWS_PAGER", "");
    // An error is what the test wants to see, once.
    variables.put("AWS_MAX_ATTEMPTS", "1");
    variables.putAll(environment);
    Process process = builder.start();
    Transcript out = Transcript.of(process.getInputStream());
    Transcript err = Transcript.of(process.getErrorStream());
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(command + " does not end; it said:\n" + out + "\n" + err);
    }
    return new Result(
        process.exitValue(),
        String.join("\n", out.whole(Program.LIMIT)),
        String.join("\n", err.whole(Program.LIMIT)));
  }
}
