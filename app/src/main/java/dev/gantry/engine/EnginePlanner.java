package dev.gantry.engine;

import dev.gantry.engine.EngineView.OperatingSystem;
import dev.gantry.engine.EngineView.Outcome;
import dev.gantry.engine.EngineView.ServiceManager;
import java.util.List;

/// Decides how a host comes to a Docker Engine. Pure: a view in, the next step out.
///
/// In order:
///
/// 1. An engine that answers is used as it is.
/// 2. One that the user chose (DOCKER_HOST, a context) or may not use is never replaced by another.
/// 3. Root on Linux: install `docker.io` where Debian's packages are and installing is allowed,
///    then start it, through the service manager where one runs, by hand elsewhere.
/// 4. Everybody else is told exactly what to do.
public final class EnginePlanner {

  /// Debian's and Ubuntu's package of the engine.
  public static final String PACKAGE = "docker.io";

  private static final String DOCKER_HELP = "https://docs.docker.com/engine/install/ has the rest.";

  private EnginePlanner() {}

  /// The next step.
  public static EnginePlan next(EngineView view) {
    if (view.answer().outcome() == Outcome.ANSWERED) {
      return new EnginePlan.Use();
    }
    String detail = view.answer().detail();
    String chosenBy = view.answer().chosenBy();
    if (chosenBy != null) {
      return new EnginePlan.Explain(
          "The Docker Engine that " + chosenBy + " names does not answer.",
          List.of(
              detail,
              "Start that engine, or drop the choice: unset DOCKER_HOST, or docker context use"
                  + " default."));
    }
    if (view.answer().outcome() == Outcome.DENIED) {
      return new EnginePlan.Explain(
          "There is a Docker Engine here, but you may not use it.",
          List.of(
              detail,
              "Join its group and log in again:  sudo usermod -aG docker \"$USER\"",
              "or, for this shell only:  newgrp docker"));
    }
    return switch (view.system()) {
      case MACOS ->
          new EnginePlan.Explain(
              "No Docker Engine answers.",
              List.of(
                  detail,
                  "Start Docker Desktop:  open -a Docker",
                  "or install it:  brew install --cask docker"));
      case OTHER ->
          new EnginePlan.Explain(
              "No Docker Engine answers, and Gantry can start one on Linux only.",
              List.of(detail, "Set DOCKER_HOST to an engine that runs Linux containers."));
      case LINUX -> view.root() ? nextForRoot(view) : adviceForUser(view);
    };
  }

  private static EnginePlan nextForRoot(EngineView view) {
    if (!view.daemonInstalled()) {
      if (!view.debianPackages()) {
        return new EnginePlan.Explain(
            "There is no Docker Engine on this machine.",
            List.of("Install one with this system's packages, then try again.", DOCKER_HELP));
      }
      if (!view.mayInstall()) {
        return new EnginePlan.Explain(
            "There is no Docker Engine on this machine, and --no-install forbids installing one.",
            List.of("Install it:  apt-get install " + PACKAGE, "or leave --no-install out."));
      }
      if (view.tried().install()) {
        return new EnginePlan.Explain(
            "The package " + PACKAGE + " is installed, but it brought no dockerd.",
            List.of(DOCKER_HELP));
      }
      return new EnginePlan.InstallPackage(PACKAGE);
    }
    if (view.serviceManager() != ServiceManager.NONE) {
      if (view.tried().service()) {
        return new EnginePlan.Explain(
            "The service docker was started, but no Docker Engine answers.",
            List.of(
                view.answer().detail(),
                view.serviceManager() == ServiceManager.SYSTEMD
                    ? "See why:  journalctl -u docker -n 50"
                    : "See why in /var/log/docker.log"));
      }
      return new EnginePlan.StartService(startCommand(view.serviceManager()));
    }
    if (view.tried().daemon()) {
      return new EnginePlan.Explain(
          "dockerd was started, but no Docker Engine answers.", List.of(view.answer().detail()));
    }
    return new EnginePlan.StartDaemon();
  }

  private static EnginePlan adviceForUser(EngineView view) {
    if (view.daemonInstalled()) {
      String start =
          view.serviceManager() == ServiceManager.NONE
              ? "sudo dockerd"
              : "sudo " + String.join(" ", startCommand(view.serviceManager()));
      return new EnginePlan.Explain(
          "The Docker Engine is installed, but it does not run.",
          List.of(view.answer().detail(), "Start it:  " + start));
    }
    return new EnginePlan.Explain(
        "There is no Docker Engine on this machine, and only root can install one.",
        view.debianPackages()
            ? List.of(
                "Install it:  sudo apt-get install " + PACKAGE,
                "and let yourself use it:  sudo usermod -aG docker \"$USER\", then log in again.")
            : List.of("Install one with this system's packages, then try again.", DOCKER_HELP));
  }

  private static List<String> startCommand(ServiceManager manager) {
    return manager == ServiceManager.OPENRC
        ? List.of("rc-service", "docker", "start")
        : List.of("systemctl", "start", "docker");
  }

  /// The operating system by the JVM's name for it.
  static OperatingSystem system(String osName) {
    if (osName.equals("Linux")) {
      return OperatingSystem.LINUX;
    }
    return osName.startsWith("Mac") ? OperatingSystem.MACOS : OperatingSystem.OTHER;
  }
}
