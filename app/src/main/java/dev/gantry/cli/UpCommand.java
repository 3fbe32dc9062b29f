package dev.gantry.cli;

import dev.gantry.agent.docker.DockerContainerRuntime;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.ListClustersRequest;
import dev.gantry.api.ecs.ListTasksRequest;
import dev.gantry.cli.ServerLauncher.Authentication;
import dev.gantry.engine.HelloImage;
import dev.gantry.home.DataDirectory;
import dev.gantry.home.InstallationId;
import dev.gantry.home.InstanceLock;
import dev.gantry.home.RootKey;
import dev.gantry.home.RunningInstance;
import dev.gantry.wire.shape.ServiceException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `gantry up`: a control plane, and an agent for this host, in this process.
@Command(
    name = "up",
    description = {
      "Starts Gantry: a control plane, and an agent for this host.",
      "",
      "Ctrl-C stops it. Tasks go on running, as on ECS, and the next up takes them over again;"
          + " gantry down ends them too."
    },
    exitCodeList = {
      "0:ended by SIGTERM, or with --detach: Gantry is up",
      "125:Gantry could not start",
      "130:ended by Ctrl-C"
    })
final class UpCommand extends HelpfulCommand {
  static final String DEFAULT_CLUSTER = "default";

  /// How long the agent may take to join before `up` goes on without it.
  private static final Duration JOIN_LIMIT = Duration.ofSeconds(20);

  /// How long what containers wrote may take to reach the log store when Gantry stops.
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(10);

  private final Host host;
  private final ServerLauncher server;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private DataOption data = new DataOption();
  @Mixin private ServerOptions options = new ServerOptions();
  @Mixin private ImageCleanupOption imageCleanup = new ImageCleanupOption();
  @Mixin private AttributeOption attributes = new AttributeOption();

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Port to listen on; 0 takes a free one. Default: ${DEFAULT-VALUE}.")
  private int port = 4566;

  @Option(
      names = "--bind",
      paramLabel = "ADDRESS",
      description = "Address to listen on. Default: ${DEFAULT-VALUE}, this host only.")
  private String bind = "127.0.0.1";

  @Option(names = "--detach", description = "Starts in the background and returns when it is up.")
  private boolean detach;

  @Option(
      names = "--auth",
      paramLabel = "HOW",
      converter = ServerOptions.AuthenticationConverter.class,
      description =
          "sigv4 checks signatures as AWS does; any accepts any well-formed credentials, for"
              + " throw-away CI. Default: sigv4.")
  private Authentication authentication = Authentication.SIGV4;

  @Option(names = "--no-agent", description = "Starts the control plane only.")
  private boolean noAgent;

  @Option(
      names = "--cluster",
      paramLabel = "NAME",
      converter = ClusterConverter.class,
      description = "Also joins this cluster, made if it is missing. May be repeated.")
  private List<String> clusters = new ArrayList<>();

  @Option(
      names = "--quota",
      paramLabel = "NAME=VALUE",
      converter = QuotaSetting.Converter.class,
      completionCandidates = QuotaSetting.Candidates.class,
      description =
          "Raises or lowers a quota that AWS lets one have raised. May be repeated. Names, with"
              + " AWS's defaults: ${COMPLETION-CANDIDATES}.")
  private List<QuotaSetting> quotas = new ArrayList<>();

  @Option(
      names = "--throttle",
      description =
          "Answers ThrottlingException to calls that come faster than Amazon ECS takes them.")
  private boolean throttle;

  UpCommand(Host host, ServerLauncher server) {
    this.host = host;
    this.server = server;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    DataDirectory directory = data.resolve(host);
    InetAddress address = address();
    if (port < 0 || port > 65_535) {
      throw new CommandFailure("There is no port " + port + ": ports go from 0 to 65535.");
    }
    attributes.read();
    ServerLauncher.Limits limits = new ServerLauncher.Limits(QuotaSetting.all(quotas), throttle);
    refuseSecond(directory);
    if (detach) {
      requireFree(address);
      new Detached(host, directory)
          .start(spec.root().commandLine().getParseResult().originalArgs());
      announce(directory, lastEndpoint(directory));
      return ExitCodes.OK;
    }
    return serve(directory, address, limits);
  }

  private int serve(DataDirectory directory, InetAddress address, ServerLauncher.Limits limits)
      throws IOException, InterruptedException {
    DataOption.create(directory, host.command() + " up --data DIR");
    try (InstanceLock lock = InstanceLock.tryAcquire(directory)) {
      if (lock == null) {
        throw alreadyRuns(directory, RunningInstance.find(directory));
      }
      RunningInstance.withdraw(directory);
      Logging.toFile(directory);
      UpSignals signals = UpSignals.hear(host);
      requireFree(address);
      EngineAccess engine = new EngineAccess(host, directory);
      if (!noAgent) {
        engine.ensure(!options.noInstall);
      }
      RootKey key = RootKey.readOrDraw(directory, new SecureRandom());
      ServerLauncher.Running running = start(directory, address, key, limits);
      try {
        URI endpoint = reachable(running.endpoint());
        if (!noAgent) {
          awaitAgents(running, endpoint, key);
          makeHelloImage(engine, directory);
        }
        RunningInstance.note(directory, endpoint);
        signals.isUp();
        if (!Detached.isDetached(host.environment())) {
          announce(directory, endpoint);
        }
        signals.awaitEnd();
        farewell(endpoint, key);
      } finally {
        RunningInstance.withdraw(directory);
        running.stop(DRAIN_LIMIT);
      }
      return signals.exitCode();
    }
  }

  private SequencedSet<String> wantedClusters() {
    SequencedSet<String> wanted = new LinkedHashSet<>(List.of(DEFAULT_CLUSTER));
    wanted.addAll(clusters);
    return wanted;
  }

  private ServerLauncher.Running start(
      DataDirectory directory, InetAddress address, RootKey key, ServerLauncher.Limits limits)
      throws IOException, InterruptedException {
    try {
      return server.start(
          new ServerLauncher.Settings(
              directory,
              key,
              InstallationId.readOrDraw(directory, new SecureRandom()),
              address,
              port,
              authentication,
              !noAgent,
              List.copyOf(wantedClusters()),
              new ServerLauncher.Images(options.imagePull, imageCleanup.wanted()),
              attributes.read(),
              limits));
    } catch (BindException taken) {
      throw portTaken(taken);
    }
  }

  private InetAddress address() {
    try {
      return InetAddress.getByName(bind);
    } catch (UnknownHostException unknown) {
      throw new CommandFailure(
          "--bind " + bind + " is not an address of this machine.", unknown, List.of());
    }
  }

  /// Says early, before anything is installed or started, that the port is taken.
  private void requireFree(InetAddress address) throws IOException {
    if (port == 0) {
      return;
    }
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(address, port));
    } catch (BindException taken) {
      throw portTaken(taken);
    }
  }

  private CommandFailure portTaken(BindException taken) {
    String reason = String.valueOf(taken.getMessage());
    if (reason.contains("assign")) {
      return new CommandFailure(
          "This machine has no address " + bind + ".",
          taken,
          List.of("Addresses it has:  ip addr   (or ifconfig)"));
    }
    if (reason.contains("ermission")) {
      return new CommandFailure(
          "You may not listen on port " + port + ".",
          taken,
          List.of("Choose one above 1023:  " + again("up --port 4566")));
    }
    return new CommandFailure(
        "Port " + port + " on " + bind + " is taken by another program.",
        taken,
        List.of(
            "Choose another:  " + again("up --port " + (port == 65_535 ? 4566 : port + 1)),
            "or see who has it:  ss -ltnp 'sport = :"
                + port
                + "'   (macOS: lsof -iTCP:"
                + port
                + " -sTCP:LISTEN)"));
  }

  private String again(String command) {
    return host.command() + " " + command + data.repeated();
  }

  private void refuseSecond(DataDirectory directory) throws IOException {
    if (directory.exists() && InstanceLock.isHeld(directory)) {
      throw alreadyRuns(directory, RunningInstance.find(directory));
    }
  }

  private CommandFailure alreadyRuns(DataDirectory directory, @Nullable RunningInstance other) {
    return new CommandFailure(
        "A Gantry already runs on "
            + directory
            + (other == null
                ? " (it is still starting)"
                : " (process " + other.pid() + ", " + other.endpoint() + ")")
            + ". Nothing was changed.",
        "Use it:  eval \"$(" + again("env") + ")\"",
        "or start another one beside it:  "
            + host.command()
            + " up --data OTHER-DIR --port OTHER-PORT");
  }

  /// A server that listens on every address is reached by the loopback one from here.
  private static URI reachable(URI endpoint) {
    String name = endpoint.getHost();
    boolean every =
        name.equals("0.0.0.0") || name.equals("[::]") || name.equals("[0:0:0:0:0:0:0:0]");
    return every ? URI.create("http://127.0.0.1:" + endpoint.getPort()) : endpoint;
  }

  private static URI lastEndpoint(DataDirectory directory) throws IOException {
    URI endpoint = RunningInstance.lastEndpoint(directory);
    if (endpoint == null) {
      throw new IllegalStateException("a started Gantry left no endpoint in " + directory);
    }
    return endpoint;
  }

  private void awaitAgents(ServerLauncher.Running running, URI endpoint, RootKey key)
      throws IOException, InterruptedException {
    try (GantryClient client = new GantryClient(endpoint, key)) {
      for (String cluster : wantedClusters()) {
        boolean joined =
            Instance.awaitAgent(
                client, cluster, JOIN_LIMIT, () -> running.givenUp(cluster) != null);
        ServerLauncher.GivenUp lost = running.givenUp(cluster);
        if (lost != null) {
          tell(cluster, lost);
        } else if (!joined) {
          host.console()
              .say(
                  "the agent has not joined cluster "
                      + cluster
                      + " yet; it keeps trying, and tasks can be placed once it has");
        }
      }
    } catch (ServiceException refused) {
      host.console().say("could not ask for the agent: " + refused.text());
    }
  }

  private void tell(String cluster, ServerLauncher.GivenUp agent) {
    Console console = host.console();
    console.say(
        "WARNING: this host's agent in cluster " + cluster + " cannot go on: " + agent.why());
    console.say(
        "to join as a new container instance, forget the old one; what still runs of it and is not"
            + " wanted is then ended:  "
            + again("down --keep-tasks")
            + " && rm -r "
            + Shell.quote(agent.home().toString())
            + " && "
            + again("up"));
  }

  /// The examples' image, of what is here anyway: whoever follows the README with the AWS CLI needs
  /// it as much as `gantry run`.
  private void makeHelloImage(EngineAccess access, DataDirectory directory)
      throws IOException, InterruptedException {
    try (DockerContainerRuntime engine = access.open()) {
      if (engine != null) {
        new HelloImage(engine, directory, host.console()::say).ensure(false);
      }
    }
  }

  private void announce(DataDirectory directory, URI endpoint) {
    Console console = host.console();
    console.say("this is Gantry " + VersionCommand.version() + ", its data is in " + directory);
    if (authentication == Authentication.ANY) {
      console.say("WARNING: --auth any: whoever reaches this endpoint may do everything.");
    }
    console.say(
        "ready at "
            + endpoint
            + "; to point AWS clients at it:  eval \"$("
            + again("env")
            + ")\"  (AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION)");
  }

  /// Tells what goes on without us.
  private void farewell(URI endpoint, RootKey key) throws InterruptedException {
    int tasks = 0;
    try (GantryClient client = new GantryClient(endpoint, key)) {
      List<String> all =
          client.call(Ecs.LIST_CLUSTERS, ListClustersRequest.builder().build()).clusterArns();
      for (String cluster : Objects.requireNonNullElse(all, List.<String>of())) {
        List<String> arns =
            client
                .call(Ecs.LIST_TASKS, ListTasksRequest.builder().cluster(cluster).build())
                .taskArns();
        tasks += arns == null ? 0 : arns.size();
      }
    } catch (GantryClient.Unreachable | ServiceException unknown) {
      host.console().say("stopping");
      return;
    }
    host.console()
        .say(
            tasks == 0
                ? "stopping; no task is running"
                : "stopping; "
                    + tasks
                    + (tasks == 1 ? " task goes" : " tasks go")
                    + " on running: "
                    + again("up")
                    + " takes over again, "
                    + again("down")
                    + " ends them");
  }
}
