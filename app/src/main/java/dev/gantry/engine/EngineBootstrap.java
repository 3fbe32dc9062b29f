package dev.gantry.engine;

import dev.gantry.engine.EngineView.Answer;
import dev.gantry.engine.EngineView.OperatingSystem;
import dev.gantry.engine.EngineView.Outcome;
import dev.gantry.engine.EngineView.ServiceManager;
import dev.gantry.engine.EngineView.Tried;
import dev.gantry.home.DataDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Brings a host to a Docker Engine by the steps that [EnginePlanner] chooses, saying each before
/// it takes it.
public final class EngineBootstrap {

  /// How long an engine may take from its start to its first answer.
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  private static final Duration BETWEEN_PINGS = Duration.ofMillis(200);
  private static final Duration SERVICE_LIMIT = Duration.ofSeconds(90);

  private final DataDirectory data;
  private final EngineProbe probe;
  private final Consumer<String> progress;

  /// @param data where the daemon's log and record go if we start one
  /// @param progress hears each step, for a person
  public EngineBootstrap(DataDirectory data, EngineProbe probe, Consumer<String> progress) {
    this.data = data;
    this.probe = probe;
    this.progress = progress;
  }

  /// What [#ensure] came to.
  public enum Result {
    /// An engine was running already.
    FOUND,
    /// We started one; [#stopIfIdle] may end it.
    STARTED,
    /// The service manager started one; it is the system's, not ours.
    SERVICE_STARTED
  }

  /// Returns when an engine answers.
  ///
  /// @param mayInstall false forbids installing anything
  /// @throws EngineFailure if there is none and we cannot or may not get one; it says what to do
  public Result ensure(boolean mayInstall) throws EngineFailure, IOException, InterruptedException {
    Tried tried = Tried.NOTHING;
    Result result = Result.FOUND;
    Answer answer = probe.ask();
    while (true) {
      switch (EnginePlanner.next(look(answer, mayInstall, tried))) {
        case EnginePlan.Use _ -> {
          return result;
        }
        case EnginePlan.InstallPackage install -> {
          install(install.name());
          tried = new Tried(true, tried.service(), tried.daemon());
          // On a host with a service manager the package has started it already.
          answer = serviceManager() == ServiceManager.NONE ? probe.ask() : await(() -> false);
          result = Result.SERVICE_STARTED;
        }
        case EnginePlan.StartService service -> {
          progress.accept(
              "starting the Docker Engine (" + String.join(" ", service.command()) + ")");
          LoggedCommand.run(
              service.command(), Map.of(), "starting docker", log(), SERVICE_LIMIT, progress);
          tried = new Tried(tried.install(), true, tried.daemon());
          answer = await(() -> false);
          result = Result.SERVICE_STARTED;
        }
        case EnginePlan.StartDaemon _ -> {
          answer = startDaemon();
          tried = new Tried(tried.install(), tried.service(), true);
          result = Result.STARTED;
        }
        case EnginePlan.Explain explain ->
            throw new EngineFailure(explain.problem(), explain.advice());
      }
    }
  }

  /// Ends the daemon that Gantry started for this data directory, unless somebody's containers
  /// still run in it.
  ///
  /// @param containersRun whether any container runs in the engine; asked only if the daemon is
  ///   ours
  public Stopped stopIfIdle(BooleanSupplier containersRun)
      throws IOException, InterruptedException {
    DetachedDaemon ours = new DetachedDaemon(data);
    ProcessHandle daemon = ours.find();
    if (daemon == null) {
      return Stopped.NOT_OURS;
    }
    if (containersRun.getAsBoolean()) {
      return Stopped.IN_USE;
    }
    progress.accept("stopping the Docker Engine that Gantry started");
    return ours.stop(daemon) ? Stopped.STOPPED : Stopped.STUCK;
  }

  /// Whether a daemon that Gantry started for this data directory lives.
  public boolean ownsDaemon() throws IOException {
    return new DetachedDaemon(data).find() != null;
  }

  /// What became of [#stopIfIdle].
  public enum Stopped {
    /// There is none that we started.
    NOT_OURS,
    /// Containers that are not ours run in it.
    IN_USE,
    /// It is gone.
    STOPPED,
    /// It was told to end and did not.
    STUCK
  }

  private EngineView look(Answer answer, boolean mayInstall, Tried tried) {
    OperatingSystem system = EnginePlanner.system(System.getProperty("os.name", ""));
    return new EngineView(
        answer,
        system,
        system == OperatingSystem.LINUX && isRoot(),
        Programs.find("dockerd") != null,
        Programs.find("apt-get") != null,
        mayInstall,
        serviceManager(),
        tried);
  }

  private static boolean isRoot() {
    try {
      return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException | UnsupportedOperationException unknowable) {
      return false;
    }
  }

  /// A service manager counts only if it runs: its programs alone are on many machines where
  /// another init is in charge. The paths are those of sd_booted(3) and openrc-run(8).
  private static ServiceManager serviceManager() {
    if (Files.isDirectory(Path.of("/run/systemd/system"))) {
      return ServiceManager.SYSTEMD;
    }
    return Files.exists(Path.of("/run/openrc/softlevel"))
        ? ServiceManager.OPENRC
        : ServiceManager.NONE;
  }

  private Path log() throws IOException {
    return data.createDirectory(DetachedDaemon.DIRECTORY).resolve("install.log");
  }

  private void install(String name) throws EngineFailure, IOException, InterruptedException {
    progress.accept(
        "no Docker Engine here: installing the package "
            + name
            + " with apt-get (--no-install forbids this)");
    DebianPackages.install(log(), progress, name);
  }

  private Answer startDaemon() throws EngineFailure, IOException, InterruptedException {
    Path dockerd = Programs.find("dockerd");
    if (dockerd == null) {
      throw new IllegalStateException("planned to start a dockerd that is not there");
    }
    DetachedDaemon daemon = new DetachedDaemon(data);
    progress.accept("starting the Docker Engine (" + dockerd + ", log " + daemon.log() + ")");
    Process process = daemon.start(dockerd);
    Answer answer = await(() -> !process.isAlive());
    if (answer.outcome() == Outcome.ANSWERED) {
      return answer;
    }
    String problem =
        process.isAlive()
            ? "dockerd did not answer within " + START_LIMIT.toSeconds() + " s."
            : "dockerd ended at once, with code " + process.exitValue() + ".";
    process.destroy();
    process.waitFor(SERVICE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    List<String> advice = new ArrayList<>();
    advice.add("The end of its log, " + daemon.log() + ":");
    List<String> tail = LoggedCommand.tail(daemon.log());
    tail.forEach(line -> advice.add("  " + line));
    if (tail.stream().anyMatch(line -> line.contains("cgroup isn't mounted"))) {
      advice.add(
          "This machine has no control groups mounted:  apt-get install cgroupfs-mount &&"
              + " cgroupfs-mount");
    }
    throw new EngineFailure(problem, advice);
  }

  /// Asks until an engine answers, the time is over, or there is no more hope.
  private Answer await(BooleanSupplier hopeless) throws InterruptedException {
    long begun = System.nanoTime();
    @Nullable Answer last = null;
    while (true) {
      boolean lastTime = hopeless.getAsBoolean();
      last = probe.ask();
      if (last.outcome() == Outcome.ANSWERED
          || lastTime
          || System.nanoTime() - begun > START_LIMIT.toNanos()) {
        return last;
      }
      Thread.sleep(BETWEEN_PINGS);
    }
  }
}
