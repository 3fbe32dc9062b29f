package dev.gantry.conformance;

import dev.gantry.home.RootKey;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// An AWS CLI, of either major version, pointed at a Gantry.
///
/// @param installed which one
/// @param endpoint always given on the command line: an AWS CLI v2 below 2.13 ignores
///   AWS_ENDPOINT_URL and would call the real AWS
/// @param keyId the access key id, or null for none
record AwsCli(Installed installed, URI endpoint, @Nullable String keyId, @Nullable String secret) {
  private static final int LIMIT_SECONDS = 120;

  /// Where `gantry test` puts what it gets for the tests.
  private static final Path WORK = Path.of("..", ".gantry").toAbsolutePath().normalize();

  /// A major version of the AWS CLI. `gantry test` sees to it that there are both, where it can:
  /// the one that is not on PATH stands in the tests' own folder.
  enum Major {
    /// Of PyPI.
    V1("aws-cli/1.") {
      @Override
      Installed own() {
        return new Installed(
            List.of(WORK.resolve("aws-cli-1").resolve("bin").resolve("aws").toString()), Map.of());
      }
    },
    /// Debian's package, unpacked.
    V2("aws-cli/2.") {
      @Override
      Installed own() {
        Path root = WORK.resolve("aws-cli-2").resolve("usr");
        return new Installed(
            List.of("/usr/bin/python3", root.resolve("bin").resolve("aws").toString()),
            Map.of(
                "PYTHONPATH",
                root.resolve("lib").resolve("python3").resolve("dist-packages").toString()));
      }
    };

    private final String begin;

    Major(String begin) {
      this.begin = begin;
    }

    /// The one that `gantry test` got.
    abstract Installed own();

    /// The one that is here, or null if there is none.
    @Nullable Installed find() throws InterruptedException {
      for (Installed candidate : List.of(new Installed(List.of("aws"), Map.of()), own())) {
        String version = candidate.version();
        if (version != null && version.startsWith(begin)) {
          return candidate;
        }
      }
      return null;
    }
  }

  /// An AWS CLI that may be on this machine.
  ///
  /// @param command what starts it
  /// @param environment what it needs
  record Installed(List<String> command, Map<String, String> environment) {

    /// What `aws --version` says, or null if it is not there.
    @Nullable String version() throws InterruptedException {
      if (command.size() > 1 && !Files.exists(Path.of(command.getLast()))) {
        return null;
      }
      List<String> words = new ArrayList<>(command);
      words.add("--version");
      try {
        Result result = run(words, environment);
        return result.code() == 0 ? result.out() : null;
      } catch (IOException absent) {
        return null;
      }
    }
  }

  /// The one on PATH, with the installation's root key.
  static AwsCli of(GantryProcess gantry) throws IOException {
    return of(new Installed(List.of("aws"), Map.of()), gantry);
  }

  /// With the installation's root key.
  static AwsCli of(Installed installed, GantryProcess gantry) throws IOException {
    RootKey key = gantry.key();
    return new AwsCli(installed, gantry.endpoint(), key.accessKeyId(), key.secret());
  }

  /// What the one on PATH says of its version, or null if there is none.
  static @Nullable String version() throws InterruptedException {
    return new Installed(List.of("aws"), Map.of()).version();
  }

  /// The same CLI with another key.
  AwsCli with(@Nullable String otherKeyId, @Nullable String otherSecret) {
    return new AwsCli(installed, endpoint, otherKeyId, otherSecret);
  }

  /// How a call ended.
  record Result(int code, String out, String err) {}

  /// A call that goes on until it is closed.
  record Going(Process process, Transcript out, Transcript err) implements AutoCloseable {
    /// Ends it.
    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  /// Makes a call that has to succeed and returns its output, without white space at its ends.
  String call(String... arguments) throws IOException, InterruptedException {
    return call(Map.of(), arguments);
  }

  /// Makes a call that has to succeed and returns its output, without white space at its ends.
  ///
  /// @param environment more variables, such as PATH
  String call(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    Result result = attempt(environment, arguments);
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
    // What Debian's v2 adds to an error that it was told not to retry.
    return result.err().replace(" (reached max retries: 0)", "").strip();
  }

  /// Makes a call that does not end by itself.
  Going follow(String... arguments) throws IOException {
    Process process = builder(words(arguments), environment(Map.of())).start();
    return new Going(
        process, Transcript.of(process.getInputStream()), Transcript.of(process.getErrorStream()));
  }

  private Result attempt(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    return run(words(arguments), environment(environment));
  }

  private List<String> words(String... arguments) {
    List<String> words = new ArrayList<>(installed.command());
    words.addAll(List.of("--endpoint-url", endpoint.toString()));
    words.addAll(List.of("--region", AwsClients.REGION.id()));
    words.addAll(List.of(arguments));
    return words;
  }

  private Map<String, String> environment(Map<String, String> more) {
    Map<String, String> all = new TreeMap<>(installed.environment());
    if (keyId != null && secret != null) {
      all.put("AWS_ACCESS_KEY_ID", keyId);
      all.put("AWS_SECRET_ACCESS_KEY", secret);
    }
    all.putAll(more);
    return all;
  }

  private static ProcessBuilder builder(List<String> command, Map<String, String> environment) {
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> variables = builder.environment();
    variables.keySet().removeIf(name -> name.startsWith("AWS_"));
    // Whoever runs the tests may have profiles; they are none of ours.
    variables.put("AWS_CONFIG_FILE", "/dev/null");
    variables.put("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    variables.put("AWS_EC2_METADATA_DISABLED", "true");
    variables.put("AWS_PAGER", "");
    // As `gantry env` has it: "stream-127.0.0.1" has no address.
    variables.put("AWS_DISABLE_HOST_PREFIX_INJECTION", "true");
    // An error is what the test wants to see, once.
    variables.put("AWS_MAX_ATTEMPTS", "1");
    variables.putAll(environment);
    return builder;
  }

  private static Result run(List<String> command, Map<String, String> environment)
      throws IOException, InterruptedException {
    Process process = builder(command, environment).start();
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
