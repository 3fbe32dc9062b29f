package dev.gantry.cli;

import dev.gantry.agent.AgentSettings;
import dev.gantry.agent.ImageCleanup;
import dev.gantry.agent.PullBehaviour;
import dev.gantry.agent.docker.DockerContainerRuntime;
import dev.gantry.agent.link.ControlPlaneLink;
import dev.gantry.agent.runner.Agent;
import dev.gantry.agent.runner.AgentConfig;
import dev.gantry.api.ecs.DiscoverPollEndpointRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.cli.ServerLauncher.ImagePull;
import dev.gantry.home.DataDirectory;
import dev.gantry.home.InstallationId;
import dev.gantry.home.InstanceLock;
import dev.gantry.home.RootKey;
import dev.gantry.home.RunningInstance;
import dev.gantry.wire.auth.Credentials;
import dev.gantry.wire.shape.ServiceException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `gantry agent`: an agent alone, on another host than its control plane's.
///
/// It goes on whatever becomes of the control plane, also when that was never there yet. It ends of
/// its own accord only where Amazon's agent does: when the control plane will never take it. An
/// instance that is deregistered while it runs is told so and asks again each hour, as Amazon's.
@Command(
    name = "agent",
    description = {
      "Runs tasks on this host for the control plane of another one.",
      "",
      "Joins a cluster and goes on, over lost connections and restarts of the control plane, until"
          + " Ctrl-C or SIGTERM ends it. Its tasks go on running then, and the next gantry agent on"
          + " the same data directory takes them over again; gantry down on that directory ends"
          + " them too.",
      "",
      "Signs with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, in AWS_REGION."
    },
    exitCodeList = {
      "0:ended by SIGTERM",
      "125:it could not start, or the control plane will never take it",
      "130:ended by Ctrl-C"
    })
final class AgentCommand extends HelpfulCommand {
  /// The directory of the agents' homes, one below it for each cluster: as `gantry up` has it.
  private static final String DIRECTORY = "agent";

  /// How long the agent may take to join before its user is told that it has not.
  private static final Duration JOIN_LIMIT = Duration.ofSeconds(20);

  /// How long the ends of tasks, and what they wrote, may take to reach the control plane when the
  /// agent stops; what does not is told by the next one.
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(10);

  private final Host host;

  @Option(
      names = "--endpoint",
      paramLabel = "URL",
      required = true,
      description = "The control plane, as http://10.0.0.1:4566.")
  private String endpoint = "";

  @Option(
      names = "--cluster",
      paramLabel = "NAME",
      converter = ClusterConverter.class,
      description = "The cluster to join. Default: default, made if it is missing.")
  private @Nullable String cluster;

  @Mixin private DataOption data = new DataOption();
  @Mixin private AttributeOption attributes = new AttributeOption();
  @Mixin private ImageCleanupOption imageCleanup = new ImageCleanupOption();

  @Option(
      names = "--image-pull",
      paramLabel = "WHEN",
      converter = ServerOptions.ImagePullConverter.class,
      description =
          "When a registry is asked for an image: default, always, once or prefer-cached (as"
              + " ECS_IMAGE_PULL_BEHAVIOR). Default: default.")
  private ImagePull imagePull = ImagePull.DEFAULT;

  @Option(
      names = "--no-install",
      description = "Never installs anything; says what is missing instead.")
  private boolean noInstall;

  AgentCommand(Host host) {
    this.host = host;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    URI address = address();
    attributes.read();
    Credentials credentials = credentials();
    DataDirectory directory = data.resolve(host);
    requireOwn(directory);
    DataOption.create(directory, "--data DIR");
    try (InstanceLock lock = InstanceLock.tryAcquire(directory)) {
      if (lock == null) {
        throw inUse(directory);
      }
      Logging.toFile(directory);
      UpSignals signals = UpSignals.hear(host);
      EngineAccess engine = new EngineAccess(host, directory);
      engine.ensure(!noInstall);
      return serve(address, credentials, directory, engine, signals);
    }
  }

  private int serve(
      URI address,
      Credentials credentials,
      DataDirectory directory,
      EngineAccess engine,
      UpSignals signals)
      throws IOException, InterruptedException {
    tryOut(address, credentials);
    InstallationId installation = InstallationId.readOrDraw(directory, new SecureRandom());
    Path home = directory.createDirectory(DIRECTORY).resolve(fileName(clusterName()));
    AgentSettings settings =
        AgentSettings.builder(clusterName(), region(), installation.value())
            .createCluster(cluster == null)
            .pullBehaviour(pulling())
            .imageCleanup(imageCleanup.wanted() ? ImageCleanup.STANDARD : ImageCleanup.NEVER)
            .attributes(attributes.read())
            .build();
    try (DockerContainerRuntime runtime = engine.open()) {
      if (runtime == null) {
        throw new CommandFailure("The Docker Engine that answered a moment ago is gone.");
      }
      Agent agent =
          Agent.start(new AgentConfig(address, () -> credentials, home, settings), runtime);
      try {
        RunningInstance.note(directory, address);
        signals.isUp();
        Thread.ofVirtual().name("gantry-agent-fate").start(() -> endIfGivenUp(agent, signals));
        announce(agent, address, directory, signals);
        signals.awaitEnd();
        String gaveUp = agent.gaveUp();
        if (gaveUp != null) {
          throw new CommandFailure(
              "The agent cannot go on: " + gaveUp,
              "Its tasks, if it had any, go on running.",
              "To join as a new container instance, end them and forget the old one:",
              "  " + again("down") + " && rm -r " + Shell.quote(home.toString()));
        }
        host.console()
            .say(
                "stopping; tasks go on running: the same command takes over again, "
                    + again("down")
                    + " ends them");
      } finally {
        RunningInstance.withdraw(directory);
        stop(agent);
      }
    }
    return signals.exitCode();
  }

  private static void stop(Agent agent) {
    try {
      agent.awaitTold(DRAIN_LIMIT);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      agent.close();
    }
  }

  private static void endIfGivenUp(Agent agent, UpSignals signals) {
    try {
      if (agent.awaitGaveUp() != null) {
        signals.end();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void announce(Agent agent, URI address, DataDirectory directory, UpSignals signals)
      throws InterruptedException {
    Console console = host.console();
    console.say(
        "this is a Gantry "
            + VersionCommand.version()
            + " agent for cluster "
            + clusterName()
            + " of "
            + address
            + ", its data is in "
            + directory);
    long until = System.nanoTime() + JOIN_LIMIT.toNanos();
    String instance = null;
    while (instance == null && !signals.came() && System.nanoTime() < until) {
      instance = agent.awaitJoined(Duration.ofMillis(250));
    }
    if (instance != null) {
      console.say("joined as " + instance);
    } else if (!signals.came()) {
      console.say("has not joined yet; it keeps trying. The log is " + directory + "/gantry.log");
    }
  }

  // ---- what it is told
  // ----------------------------------------------------------------------------

  private String clusterName() {
    return cluster == null ? UpCommand.DEFAULT_CLUSTER : cluster;
  }

  /// An ARN is as good as a name; its slashes are none of a file's.
  private static String fileName(String cluster) {
    return cluster.substring(cluster.lastIndexOf('/') + 1);
  }

  private URI address() {
    URI address;
    try {
      address = URI.create(endpoint);
    } catch (IllegalArgumentException malformed) {
      throw new CommandFailure(
          "--endpoint " + endpoint + " is not a URL.", malformed, List.of(example()));
    }
    String scheme = String.valueOf(address.getScheme());
    boolean bare = address.getPath() == null || address.getPath().matches("/?");
    if (!scheme.matches("https?")
        || address.getHost() == null
        || address.getUserInfo() != null
        || address.getQuery() != null
        || !bare) {
      throw new CommandFailure(
          "--endpoint takes the control plane's scheme, host and port, and nothing more.",
          example());
    }
    return URI.create(scheme + "://" + address.getRawAuthority());
  }

  private static String example() {
    return "For example:  --endpoint http://10.0.0.1:4566";
  }

  private Credentials credentials() {
    Map<String, String> environment = host.environment();
    String id = environment.getOrDefault("AWS_ACCESS_KEY_ID", "");
    String secret = environment.getOrDefault("AWS_SECRET_ACCESS_KEY", "");
    if (id.isEmpty() || secret.isEmpty()) {
      throw new CommandFailure(
          (id.isEmpty() ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY")
              + " is not set, and the agent signs what it says to the control plane.",
          "On the control plane's host, gantry env prints what to export here.",
          "There is no option for it: every user of a host can read command lines.");
    }
    String token = environment.getOrDefault("AWS_SESSION_TOKEN", "");
    return new Credentials(id, secret, token.isEmpty() ? null : token);
  }

  private String region() {
    for (String variable : List.of("AWS_REGION", "AWS_DEFAULT_REGION")) {
      String region = host.environment().getOrDefault(variable, "");
      if (!region.isEmpty()) {
        return region;
      }
    }
    return EnvironmentScript.REGION;
  }

  private PullBehaviour pulling() {
    return switch (imagePull) {
      case DEFAULT -> PullBehaviour.DEFAULT;
      case ALWAYS -> PullBehaviour.ALWAYS;
      case ONCE -> PullBehaviour.ONCE;
      case PREFER_CACHED -> PullBehaviour.PREFER_CACHED;
    };
  }

  private void requireOwn(DataDirectory directory) throws IOException {
    if (!directory.exists()) {
      return;
    }
    if (RootKey.read(directory) != null) {
      throw new CommandFailure(
          directory + " is the data directory of a control plane, which has agents of its own.",
          "Give this agent one of its own:  --data DIR");
    }
    if (InstanceLock.isHeld(directory)) {
      throw inUse(directory);
    }
  }

  private static CommandFailure inUse(DataDirectory directory) throws IOException {
    RunningInstance other = RunningInstance.find(directory);
    return new CommandFailure(
        "An agent already runs on "
            + directory
            + (other == null ? "" : " (process " + other.pid() + ", for " + other.endpoint() + ")")
            + ". Nothing was changed.",
        "Start another one beside it:  --data OTHER-DIR");
  }

  private String again(String command) {
    return host.command() + " " + command + data.repeated();
  }

  // ---- the first word with the control plane
  // ------------------------------------------------------

  /// Asks once before anything is begun. Who typed the wrong secret learns it now; a control plane
  /// that is away is no obstacle.
  private void tryOut(URI address, Credentials credentials) throws InterruptedException {
    Console console = host.console();
    try (ControlPlaneLink link =
        new ControlPlaneLink(address, region(), () -> credentials, InstantSource.system())) {
      link.call(
          region(),
          Ecs.DISCOVER_POLL_ENDPOINT,
          DiscoverPollEndpointRequest.builder().cluster(clusterName()).build());
    } catch (ServiceException refused) {
      if (isAboutCredentials(refused)) {
        throw new CommandFailure(
            address + " refuses these credentials: " + refused.code() + ": " + refused.text(),
            refused,
            List.of(
                "It signs with AWS_ACCESS_KEY_ID "
                    + credentials.accessKeyId()
                    + " for region "
                    + region()
                    + ".",
                "gantry env on the control plane's host prints what is right; a clock that is more"
                    + " than five minutes wrong is refused, too."));
      }
      if (refused.code().equals("ClusterNotFoundException")) {
        if (cluster != null) {
          console.say(
              "there is no cluster "
                  + cluster
                  + " yet; the agent keeps asking. To make it: aws ecs create-cluster"
                  + " --cluster-name "
                  + Shell.quote(fileName(cluster)));
        }
        return;
      }
      console.say(address + " answers " + refused.code() + ": " + refused.text());
    } catch (IOException away) {
      console.say(
          "nobody answers at " + address + " yet (" + reason(away) + "); the agent keeps trying");
    }
  }

  private static boolean isAboutCredentials(ServiceException refused) {
    return switch (refused.code()) {
      case "UnrecognizedClientException",
          "InvalidSignatureException",
          "SignatureDoesNotMatch",
          "InvalidClientTokenId",
          "IncompleteSignature",
          "IncompleteSignatureException",
          "MissingAuthenticationTokenException",
          "MissingAuthenticationToken",
          "ExpiredTokenException",
          "ExpiredToken",
          "AccessDeniedException" ->
          true;
      default -> false;
    };
  }

  private static String reason(IOException away) {
    String message = away.getMessage();
    return message == null || message.isEmpty() ? away.getClass().getSimpleName() : message;
  }
}
