package dev.gantry.http;

import dev.gantry.wire.Endpoint;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.features.HelidonFeatures;
import io.helidon.common.features.api.HelidonFlavor;
import io.helidon.common.socket.SocketOptions;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.media.MediaContext;
import io.helidon.service.registry.GlobalServiceRegistry;
import io.helidon.service.registry.ServiceRegistryConfig;
import io.helidon.service.registry.ServiceRegistryManager;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/// Serves one [Endpoint] on one address and port, HTTP/1.1 and WebSockets, on virtual threads.
///
/// Listens from the moment it is made until [#close]. Responses carry no `Server` header.
public final class HelidonServer implements AutoCloseable {
  /// How long a stopping server waits for open sockets to take leave, and then for requests under
  /// way.
  public static final Duration STOP_LIMIT = Duration.ofSeconds(5);

  /// Helidon's own is 4 KiB, which makes a 1 MiB body a long story.
  private static final int RECEIVE_BUFFER_BYTES = 64 * 1024;

  private static final Duration STOP_POLL = Duration.ofMillis(5);

  private final ServerContext context;
  private final WebServer server;
  private final int port;

  /// Kept, since a logger nobody holds forgets its level: Helidon tells at INFO what it does, on a
  /// console that belongs to the user.
  private final Logger helidon = Logger.getLogger("io.helidon");

  /// Listens on `address` and `port`.
  ///
  /// @param port the port, or 0 for any that is free; [#port] tells which
  /// @throws PortTakenException if somebody else listens there
  /// @throws AddressUnavailableException if the address is not this host's, or the port not for
  ///   this user
  public HelidonServer(Endpoint endpoint, InetAddress address, int port) {
    this(endpoint, address, port, HttpLimits.DEFAULT, SocketLimits.DEFAULT);
  }

  /// Listens with limits of one's own.
  ///
  /// @throws PortTakenException if somebody else listens there
  /// @throws AddressUnavailableException if the address is not this host's, or the port not for
  ///   this user
  public HelidonServer(
      Endpoint endpoint, InetAddress address, int port, HttpLimits http, SocketLimits sockets) {
    probe(address, port);
    quieten();
    context = new ServerContext(endpoint, http, sockets);
    server =
        WebServer.builder()
            .address(address)
            .port(port)
            .backlog(HttpLimits.BACKLOG)
            .maxTcpConnections(HttpLimits.MAX_CONNECTIONS)
            .concurrencyLimit(FixedLimit.create())
            .connectionOptions(
                SocketOptions.builder()
                    .socketKeepAlive(true)
                    .tcpNoDelay(true)
                    .readTimeout(Duration.ZERO)
                    .build())
            .shutdownGracePeriod(STOP_LIMIT)
            .shutdownHook(false)
            .addConnectionSelector(new Selector(context))
            // Everything is said here; nothing is looked for on the class path.
            .protocolsDiscoverServices(false)
            .featuresDiscoverServices(false)
            .mediaContext(
                MediaContext.builder()
                    .mediaSupportsDiscoverServices(false)
                    .registerDefaults(false)
                    .build())
            .contentEncoding(
                ContentEncodingContext.builder().contentEncodingsDiscoverServices(false).build())
            .putListenerSocketOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            .build();
    server.start();
    if (!server.isRunning()) {
      // Helidon logs why, and goes on. Between the probe and here somebody took the port.
      throw new PortTakenException(
          address.getHostAddress(), port, new IOException("the server did not start"));
    }
    this.port = server.port();
    context.watchdog().start();
  }

  /// The port that is, or was, listened on.
  public int port() {
    return port;
  }

  /// Stops: takes no further connection, closes sockets with 1001, lets requests under way end
  /// within [#STOP_LIMIT].
  @Override
  public void close() {
    context.stop();
    long end = System.nanoTime() + STOP_LIMIT.toNanos();
    try {
      while (context.isBusy() && System.nanoTime() < end) {
        Thread.sleep(STOP_POLL);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    server.stop();
    context.watchdog().close();
  }

  /// Keeps Helidon from what it does at its start beyond serving: it would read service and feature
  /// descriptions from every jar, half of the time until the first answer.
  private void quieten() {
    helidon.setLevel(Level.WARNING);
    // It lists the features of the first flavour named, and it is not this one that it starts.
    HelidonFeatures.flavor(HelidonFlavor.MP);
    if (!GlobalServiceRegistry.configured()) {
      GlobalServiceRegistry.registry(
          ServiceRegistryManager.create(
                  ServiceRegistryConfig.builder()
                      .discoverServices(false)
                      .discoverServicesFromServiceLoader(false)
                      .build())
              .registry());
    }
  }

  /// Helidon only logs that it could not bind; this tells why.
  private static void probe(InetAddress address, int port) {
    if (port == 0) {
      return;
    }
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(address, port));
    } catch (java.net.BindException e) {
      String message = String.valueOf(e.getMessage());
      if (message.contains("in use")) {
        throw new PortTakenException(address.getHostAddress(), port, e);
      }
      throw new AddressUnavailableException(address.getHostAddress(), port, e);
    } catch (IOException e) {
      throw new AddressUnavailableException(address.getHostAddress(), port, e);
    }
  }

  /// Makes every connection one of ours.
  private record Selector(ServerContext server) implements ServerConnectionSelector {
    @Override
    public int bytesToIdentifyConnection() {
      return 0;
    }

    @Override
    public Support supports(BufferData data) {
      return Support.SUPPORTED;
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
      return Set.of("http/1.1");
    }

    @Override
    public ServerConnection connection(ConnectionContext context) {
      return new HttpConnection(server, context);
    }
  }
}
