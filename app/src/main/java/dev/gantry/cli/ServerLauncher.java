package dev.gantry.cli;

import dev.gantry.control.ServiceQuotas;
import dev.gantry.home.DataDirectory;
import dev.gantry.home.InstallationId;
import dev.gantry.home.RootKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Starts a control plane, and an agent for this host if wanted, inside this process.
///
/// The commands know no more of Gantry's inside than this; everything else they do through the API.
public interface ServerLauncher {

  /// Starts and returns when the endpoint answers. The caller holds the data directory's lock.
  ///
  /// @throws java.net.BindException if the port is taken
  /// @throws IOException if the data directory or the store cannot be used; the message is for
  ///   people
  Running start(Settings settings) throws IOException, InterruptedException;

  /// A Gantry that runs in this process.
  interface Running extends AutoCloseable {

    /// Where it answers, with the port it really has.
    URI endpoint();

    /// That this host's agent in a cluster has given the control plane up; null if it has not, or
    /// there is none.
    @Nullable GivenUp givenUp(String cluster);

    /// Ships what containers have written so far, makes everything durable, stops serving. Tasks go
    /// on running.
    ///
    /// @param drainLimit how long shipping may take
    void stop(Duration drainLimit);

    /// Stops without waiting for logs.
    @Override
    default void close() {
      stop(Duration.ZERO);
    }
  }

  /// An agent whose container instance the control plane will not have any more.
  ///
  /// @param why for a person to act on
  /// @param home where it remembers who it is
  record GivenUp(String why, Path home) {}

  /// What to start.
  ///
  /// @param data the locked data directory
  /// @param key the root key that callers sign with
  /// @param installation the label's value on everything this instance starts
  /// @param bind the address to listen on
  /// @param port the port to listen on; 0 takes a free one
  /// @param authentication how strictly signatures are checked
  /// @param withAgent whether an agent for this host is started too
  /// @param clusters the clusters the agent joins, made where they are missing; never empty
  /// @param images when the agent pulls and removes images
  /// @param attributes this host's custom attributes
  /// @param limits how much there may be, and how fast
  record Settings(
      DataDirectory data,
      RootKey key,
      InstallationId installation,
      InetAddress bind,
      int port,
      Authentication authentication,
      boolean withAgent,
      List<String> clusters,
      Images images,
      Map<String, String> attributes,
      Limits limits) {
    public Settings {
      clusters = List.copyOf(clusters);
      attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
    }
  }

  /// How much there may be, and how fast it may be asked for.
  ///
  /// @param quotas how much of each resource
  /// @param throttled whether calls are throttled as Amazon ECS does
  record Limits(ServiceQuotas quotas, boolean throttled) {
    /// Amazon's quotas, and no throttling.
    static final Limits DEFAULTS = new Limits(ServiceQuotas.DEFAULTS, false);
  }

  /// How strictly signatures are checked.
  enum Authentication {
    /// As AWS does.
    SIGV4,
    /// Any well-formed credentials will do: for throw-away instances in CI.
    ANY
  }

  /// What the agent does with images.
  ///
  /// @param cleanup whether it ever removes any that it brought
  record Images(ImagePull pull, boolean cleanup) {}

  /// When the agent asks a registry for an image; the names and meanings of Amazon's agent
  /// (`ECS_IMAGE_PULL_BEHAVIOR`).
  enum ImagePull {
    DEFAULT,
    ALWAYS,
    ONCE,
    PREFER_CACHED
  }
}
