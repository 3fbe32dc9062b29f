package dev.gantry.cli;

import dev.gantry.home.RootKey;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What `gantry env` prints. Pure.
final class EnvironmentScript {

  /// The region of a fresh installation; any other region name is a name space of its own.
  static final String REGION = "us-east-1";

  /// Makes an AWS CLI of any age call Gantry.
  static final String AWS_FUNCTION =
      "aws() { command aws --endpoint-url \"$AWS_ENDPOINT_URL\" \"$@\"; }";

  private EnvironmentScript() {}

  /// Exports for a POSIX shell. What could lead a client elsewhere, or sign with another key, is
  /// unset: a session token or profile left over from work on AWS, and a CA bundle that has no
  /// meaning for plain HTTP. Clients that put a prefix before the host, as `stream-` for
  /// StartLiveTail, are told not to: such a host has no address.
  static List<String> exports(URI endpoint, RootKey key) {
    return List.of(
        export("AWS_ENDPOINT_URL", endpoint.toString()),
        export("AWS_ACCESS_KEY_ID", key.accessKeyId()),
        export("AWS_SECRET_ACCESS_KEY", key.secret()),
        export("AWS_REGION", REGION),
        export("AWS_DEFAULT_REGION", REGION),
        export("AWS_DISABLE_HOST_PREFIX_INJECTION", "true"),
        "unset AWS_SESSION_TOKEN AWS_PROFILE AWS_CA_BUNDLE");
  }

  private static String export(String name, String value) {
    return "export " + name + "=" + Shell.quote(value);
  }

  /// What a person has to know before trusting the exports.
  ///
  /// @param aws the AWS CLI on PATH
  /// @param environment the caller's environment
  /// @param command how to call `gantry env` again
  /// @param functionGiven whether the shell function is among the output already
  static List<String> warnings(
      AwsCli aws, Map<String, String> environment, String command, boolean functionGiven) {
    List<String> warnings = new ArrayList<>();
    if (aws instanceof AwsCli.Found found && !found.knowsEndpointVariable() && !functionGiven) {
      warnings.add(
          "WARNING: "
              + found.path()
              + " is version "
              + found.version()
              + ", which ignores AWS_ENDPOINT_URL and would call the real AWS.");
      warnings.add("Pass --endpoint-url \"$AWS_ENDPOINT_URL\" each time, or use this function:");
      warnings.add("  " + AWS_FUNCTION);
      warnings.add("which comes with the exports by:  eval \"$(" + command + " --aws-function)\"");
    }
    if (aws instanceof AwsCli.Unknown unknown && !functionGiven) {
      warnings.add(
          "could not learn the version of "
              + unknown.path()
              + " ("
              + unknown.reason()
              + "); versions before 2.13 (or 1.29) ignore AWS_ENDPOINT_URL and call the real AWS.");
    }
    if (environment
        .getOrDefault("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "")
        .equalsIgnoreCase("true")) {
      warnings.add(
          "WARNING: AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true makes AWS clients ignore"
              + " AWS_ENDPOINT_URL and call the real AWS; unset it.");
    }
    for (String name : List.of("AWS_ENDPOINT_URL_ECS", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS")) {
      if (!environment.getOrDefault(name, "").isEmpty()) {
        warnings.add(
            "WARNING: " + name + " is set and takes precedence over AWS_ENDPOINT_URL; unset it.");
      }
    }
    return List.copyOf(warnings);
  }
}
