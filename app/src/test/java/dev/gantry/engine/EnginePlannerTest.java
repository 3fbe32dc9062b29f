package dev.gantry.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.engine.EngineView.Answer;
import dev.gantry.engine.EngineView.OperatingSystem;
import dev.gantry.engine.EngineView.Outcome;
import dev.gantry.engine.EngineView.ServiceManager;
import dev.gantry.engine.EngineView.Tried;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EnginePlannerTest {
  private static final Answer NOBODY = new Answer(Outcome.NOBODY, null, "no such socket");

  /// Debian as root in a small virtual machine, nothing installed: the first machine.
  private static final EngineView FIRST_MACHINE =
      new EngineView(
          NOBODY,
          OperatingSystem.LINUX,
          true,
          false,
          true,
          true,
          ServiceManager.NONE,
          Tried.NOTHING);

  record Row(String name, EngineView view, String expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Row> steps() {
    Answer answered = new Answer(Outcome.ANSWERED, null, "");
    Answer denied = new Answer(Outcome.DENIED, null, "permission denied");
    Answer chosen = new Answer(Outcome.NOBODY, "DOCKER_HOST", "connection refused");
    return Stream.of(
        new Row("an engine answers", with(FIRST_MACHINE, answered), "Use[]"),
        new Row("nothing there: install", FIRST_MACHINE, "InstallPackage[name=docker.io]"),
        new Row(
            "installed, no service manager: start it by hand",
            installed(FIRST_MACHINE, ServiceManager.NONE, Tried.NOTHING),
            "StartDaemon[]"),
        new Row(
            "installed, systemd",
            installed(FIRST_MACHINE, ServiceManager.SYSTEMD, Tried.NOTHING),
            "StartService[command=[systemctl, start, docker]]"),
        new Row(
            "installed, OpenRC",
            installed(FIRST_MACHINE, ServiceManager.OPENRC, Tried.NOTHING),
            "StartService[command=[rc-service, docker, start]]"),
        new Row(
            "the service was started in vain",
            installed(FIRST_MACHINE, ServiceManager.SYSTEMD, new Tried(false, true, false)),
            "journalctl -u docker"),
        new Row(
            "the daemon was started in vain",
            installed(FIRST_MACHINE, ServiceManager.NONE, new Tried(true, false, true)),
            "dockerd was started, but"),
        new Row(
            "installed in vain",
            tried(FIRST_MACHINE, new Tried(true, false, false)),
            "brought no dockerd"),
        new Row(
            "installing forbidden",
            new EngineView(
                NOBODY,
                OperatingSystem.LINUX,
                true,
                false,
                true,
                false,
                ServiceManager.NONE,
                Tried.NOTHING),
            "--no-install forbids"),
        new Row("the chosen engine is never replaced", with(FIRST_MACHINE, chosen), "DOCKER_HOST"),
        new Row("an engine we may not use", with(FIRST_MACHINE, denied), "usermod -aG docker"),
        new Row(
            "another Linux as root",
            new EngineView(
                NOBODY,
                OperatingSystem.LINUX,
                true,
                false,
                false,
                true,
                ServiceManager.SYSTEMD,
                Tried.NOTHING),
            "docs.docker.com"),
        new Row("a user, nothing installed", user(false), "sudo apt-get install docker.io"),
        new Row("a user, installed but off", user(true), "sudo systemctl start docker"),
        new Row("macOS", on(OperatingSystem.MACOS), "open -a Docker"),
        new Row("elsewhere", on(OperatingSystem.OTHER), "Set DOCKER_HOST"));
  }

  @ParameterizedTest
  @MethodSource("steps")
  void takesTheRightStep(Row row) {
    assertThat(EnginePlanner.next(row.view()).toString()).contains(row.expected());
  }

  @Test
  void anExplanationRepeatsWhatWasSeen() {
    assertThat(EnginePlanner.next(on(OperatingSystem.MACOS)).toString()).contains("no such socket");
  }

  private static EngineView with(EngineView view, Answer answer) {
    return new EngineView(
        answer,
        view.system(),
        view.root(),
        view.daemonInstalled(),
        view.debianPackages(),
        view.mayInstall(),
        view.serviceManager(),
        view.tried());
  }

  private static EngineView installed(EngineView view, ServiceManager manager, Tried tried) {
    return new EngineView(
        view.answer(),
        view.system(),
        view.root(),
        true,
        view.debianPackages(),
        view.mayInstall(),
        manager,
        tried);
  }

  private static EngineView tried(EngineView view, Tried tried) {
    return new EngineView(
        view.answer(),
        view.system(),
        view.root(),
        view.daemonInstalled(),
        view.debianPackages(),
        view.mayInstall(),
        view.serviceManager(),
        tried);
  }

  private static EngineView user(boolean daemonInstalled) {
    return new EngineView(
        NOBODY,
        OperatingSystem.LINUX,
        false,
        daemonInstalled,
        true,
        true,
        ServiceManager.SYSTEMD,
        Tried.NOTHING);
  }

  private static EngineView on(OperatingSystem system) {
    return new EngineView(
        NOBODY, system, false, false, false, true, ServiceManager.NONE, Tried.NOTHING);
  }
}
