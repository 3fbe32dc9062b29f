package dev.gantry.engine;

import org.jspecify.annotations.Nullable;

/// All that the choice of the next step towards an engine depends on.
///
/// @param answer what became of asking for an engine
/// @param system the operating system
/// @param root whether we may do everything here
/// @param daemonInstalled whether there is a `dockerd` to start
/// @param debianPackages whether `apt-get` installs software here
/// @param mayInstall whether the user lets us install (`--no-install` forbids)
/// @param serviceManager what starts daemons here
/// @param tried the steps that were taken already; none is taken twice
public record EngineView(
    Answer answer,
    OperatingSystem system,
    boolean root,
    boolean daemonInstalled,
    boolean debianPackages,
    boolean mayInstall,
    ServiceManager serviceManager,
    Tried tried) {

  /// What became of asking for an engine.
  ///
  /// @param outcome how it ended
  /// @param chosenBy what told us to use just this engine, as `DOCKER_HOST`; null where nothing did
  /// @param detail what was tried and what came of it, for a person
  public record Answer(Outcome outcome, @Nullable String chosenBy, String detail) {}

  /// How asking for an engine ended.
  public enum Outcome {
    /// An engine answered.
    ANSWERED,
    /// There is a socket, and this user may not use it.
    DENIED,
    /// Nothing answered.
    NOBODY
  }

  /// The operating systems that differ here.
  public enum OperatingSystem {
    LINUX,
    MACOS,
    OTHER
  }

  /// What starts daemons on a host.
  public enum ServiceManager {
    SYSTEMD,
    OPENRC,
    /// None that runs: a container, a small virtual machine, a chroot.
    NONE
  }

  /// Which steps were taken already.
  public record Tried(boolean install, boolean service, boolean daemon) {
    /// None yet.
    public static final Tried NOTHING = new Tried(false, false, false);
  }
}
