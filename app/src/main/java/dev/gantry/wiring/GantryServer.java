package dev.gantry.wiring;

import dev.gantry.cli.ServerLauncher;
import dev.gantry.control.ControlFront;
import dev.gantry.control.ControlOperations;
import dev.gantry.control.ControlPlane;
import dev.gantry.control.ControlSockets;
import dev.gantry.control.Ids;
import dev.gantry.control.LogEffects;
import dev.gantry.control.OperationTable;
import dev.gantry.control.Throttle;
import dev.gantry.control.ecs.Definitions;
import dev.gantry.control.session.AgentSessions;
import dev.gantry.control.session.PayloadMapping;
import dev.gantry.control.session.TelemetryFrames;
import dev.gantry.http.HelidonServer;
import dev.gantry.store.Journal;
import dev.gantry.store.LogStore;
import dev.gantry.store.RecordCodec;
import dev.gantry.store.State;
import dev.gantry.store.StoreException;
import dev.gantry.store.jdbc.SqliteJournal;
import dev.gantry.store.jdbc.SqliteLogStore;
import dev.gantry.wire.auth.CredentialResolver;
import dev.gantry.wire.auth.SigV4Verifier;
import dev.gantry.wire.auth.SignedFrame;
import dev.gantry.wire.auth.Verdict;
import dev.gantry.wire.server.AwsEndpoint;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One control plane with its store and its server, in this process.
public final class GantryServer implements AutoCloseable {
  /// The file that holds State.
  static final String STATE_FILE = "state.db";

  /// The file that holds log events.
  static final String LOGS_FILE = "logs.db";

  private static final Logger LOG = LoggerFactory.getLogger(GantryServer.class);

  private final Deque<AutoCloseable> parts;
  private final URI endpoint;

  private GantryServer(Deque<AutoCloseable> parts, URI endpoint) {
    this.parts = parts;
    this.endpoint = endpoint;
  }

  /// Loads the store and starts to serve.
  ///
  /// @param fatal told once, with the reason, if the process must end because nobody knows any more
  ///   what is durable
  /// @throws dev.gantry.http.PortTakenException if the port is taken
  /// @throws IOException if the store cannot be used
  public static GantryServer start(ServerLauncher.Settings settings, Consumer<String> fatal)
      throws IOException {
    // Closed in the opposite order: nothing serves any more when the store closes.
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    try {
      InstantSource clock = InstantSource.system();
      Journal journal = SqliteJournal.open(settings.data().resolve(STATE_FILE), new RecordCodec());
      parts.push(journal);
      State loaded = journal.load();
      LogStore logs = SqliteLogStore.open(settings.data().resolve(LOGS_FILE));
      parts.push(logs);
      forgetLogsWithoutStream(loaded, logs);

      CredentialResolver credentials =
          new RootCredentials(
              settings.key(), settings.authentication() == ServerLauncher.Authentication.ANY);
      Ids ids = new Ids(new SecureRandom());
      Definitions definitions = new Definitions();
      OperationTable operations = ControlOperations.table(definitions, settings.limits().quotas());
      ControlPlane plane =
          new ControlPlane(
              operations,
              new AgentSessions(
                  ids, new PayloadMapping(definitions), frames(new SigV4Verifier(credentials))),
              loaded,
              ids);
      Writer writer = new Writer(journal, logs, clock, fatal);
      writer.start(plane);
      parts.push(writer);
      HelidonServer server =
          new HelidonServer(
              new AwsEndpoint(
                  ControlOperations.SERVICES,
                  new ControlFront(
                      operations,
                      plane::snapshot,
                      logs,
                      clock,
                      writer,
                      settings.limits().throttled() ? new Throttle() : null),
                  new ControlSockets(plane::snapshot, writer),
                  credentials,
                  clock,
                  () -> UUID.randomUUID().toString(),
                  (requestId, what, fault) ->
                      LOG.error("{} failed, request {}", what, requestId, fault)),
              settings.bind(),
              settings.port());
      parts.push(server);
      return new GantryServer(parts, endpoint(settings.bind(), server.port()));
    } catch (StoreException e) {
      closeAll(parts);
      throw new IOException(e.getMessage(), e);
    } catch (RuntimeException e) {
      closeAll(parts);
      throw e;
    }
  }

  /// Where it answers.
  public URI endpoint() {
    return endpoint;
  }

  /// Stops serving, makes everything durable, closes the store. Blocks.
  @Override
  public void close() {
    closeAll(parts);
  }

  private static void closeAll(Deque<AutoCloseable> parts) {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception e) {
        // The others are closed all the same.
        LOG.error("{} did not close", part.getClass().getSimpleName(), e);
      }
    }
  }

  /// The two stores commit apart, so a crash may leave events of a stream that State has forgotten.
  private static void forgetLogsWithoutStream(State loaded, LogStore logs) {
    logs.retainOnly(
        LogEffects.existing(loaded),
        new LogStore.Callback<>() {
          @Override
          public void done(Integer dropped) {
            if (dropped > 0) {
              LOG.info("Dropped the events of {} deleted log streams", dropped);
            }
          }

          @Override
          public void failed(StoreException cause) {
            LOG.error("The log store could not be tidied", cause);
          }
        });
  }

  private static TelemetryFrames frames(SigV4Verifier verifier) {
    return (opened, text, now) -> {
      try {
        SignedFrame frame = SignedFrame.split(text);
        return switch (verifier.verifyFrame(opened.head(), frame, now)) {
          case Verdict.Verified verified
              when verified.principal().account().equals(opened.principal().account()) ->
              frame.body();
          case Verdict.Verified verified -> null;
          case Verdict.Refused refused -> null;
        };
      } catch (SignedFrame.MalformedFrameException e) {
        return null;
      }
    };
  }

  private static URI endpoint(InetAddress bind, int port) {
    String host =
        bind instanceof Inet6Address ? "[" + bind.getHostAddress() + "]" : bind.getHostAddress();
    return URI.create("http://" + (bind.isAnyLocalAddress() ? "127.0.0.1" : host) + ":" + port);
  }
}
