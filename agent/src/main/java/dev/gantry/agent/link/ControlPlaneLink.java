package dev.gantry.agent.link;

import dev.gantry.agent.AgentEffect.Channel;
import dev.gantry.api.ssmmessages.ChannelPaths;
import dev.gantry.wire.Headers;
import dev.gantry.wire.Headers.Header;
import dev.gantry.wire.auth.Credentials;
import dev.gantry.wire.client.AwsClient;
import dev.gantry.wire.client.ClientRequest;
import dev.gantry.wire.json.MalformedInputException;
import dev.gantry.wire.shape.Operation;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Calls the control plane's API and holds the agent's WebSockets to it.
///
/// Safe for many threads. [#call] blocks its caller; everything about sockets returns at once and
/// is told to a [SocketEvents].
public final class ControlPlaneLink implements AutoCloseable {
  /// How long connecting may take (agent-protocol 2).
  public static final Duration CONNECT_LIMIT = Duration.ofSeconds(30);

  /// How long a call may take until its answer is whole.
  public static final Duration CALL_LIMIT = Duration.ofSeconds(30);

  /// The longest answer that is read.
  public static final long MAX_ANSWER_BYTES = 16 << 20;

  private static final String SERVICE = "ecs";
  private static final String HOST = "Host";

  private final URI endpoint;
  private final String region;
  private final Supplier<Credentials> credentials;
  private final InstantSource clock;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http;
  private @Nullable HttpClient secure;
  private final AwsClient client = new AwsClient();
  private final Map<Long, AgentSocket> sockets = new ConcurrentHashMap<>();

  /// A link; nothing is connected yet.
  ///
  /// @param endpoint the control plane's API, as `http://127.0.0.1:4566`
  /// @param region to sign sockets for
  /// @param credentials asked for each call: they may change
  /// @param clock the time to sign for
  public ControlPlaneLink(
      URI endpoint, String region, Supplier<Credentials> credentials, InstantSource clock) {
    this.endpoint = endpoint;
    this.region = region;
    this.credentials = credentials;
    this.clock = clock;
    this.http = client(endpoint);
  }

  /// Hears what happens on the sockets; called from any thread, for one socket in order.
  public interface SocketEvents {
    /// The upgrade is done.
    void opened(long socket);

    /// The upgrade failed; nothing follows.
    ///
    /// @param status the HTTP status, or 0 if there was no answer
    /// @param body the answer's body, cut, or the failure's text
    void refused(long socket, int status, String body);

    /// One whole text frame. The next is read when this returns.
    void text(long socket, String text);

    /// One whole binary frame. The next is read when this returns.
    void binary(long socket, byte[] message);

    /// The opened socket is gone; nothing follows.
    void closed(long socket, int code, String reason);
  }

  /// Makes one call, once.
  ///
  /// @throws dev.gantry.wire.shape.ServiceException if the service answered with an error
  /// @throws IOException if there was no answer, or none that can be read
  public <I, O> O call(String callRegion, Operation<I, O> operation, I input)
      throws IOException, InterruptedException {
    ClientRequest request =
        client.request(operation, input, endpoint, credentials.get(), callRegion, clock.instant());
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(request.uri())
            .timeout(CALL_LIMIT)
            .POST(HttpRequest.BodyPublishers.ofByteArray(request.body()));
    for (Header header : request.headers().fields()) {
      // The client sets it itself, to the same value.
      if (!header.name().equalsIgnoreCase(HOST)) {
        builder.header(header.name(), header.value());
      }
    }
    HttpResponse<byte[]> response =
        http.send(
            builder.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
    try {
      return client.output(operation, response.statusCode(), headers(response), response.body());
    } catch (MalformedInputException e) {
      throw new IOException("the answer to " + operation + " cannot be read: " + e.text(), e);
    }
  }

  /// Opens a socket; `events` hears how that goes.
  public void open(long socket, Channel channel, String url, SocketEvents events) {
    URI uri;
    Headers headers;
    try {
      uri = channel == Channel.EXEC ? here(url) : URI.create(url);
      headers =
          client.upgradeHeaders(uri, service(channel), credentials.get(), region, clock.instant());
    } catch (IllegalArgumentException e) {
      // The control plane has handed out something that is no address.
      events.refused(socket, 0, String.valueOf(e.getMessage()));
      return;
    }
    AgentSocket created =
        new AgentSocket(
            socket,
            events,
            text -> frame(channel, uri, text),
            channel == Channel.EXEC,
            threads,
            () -> sockets.remove(socket));
    sockets.put(socket, created);
    List<Header> own = new ArrayList<>();
    for (Header header : headers.fields()) {
      if (!header.name().equalsIgnoreCase(HOST)) {
        own.add(header);
      }
    }
    created.connect(clientFor(uri), uri, own, CONNECT_LIMIT);
  }

  /// A path at the control plane's own address.
  private URI here(String path) {
    URI found = endpoint.resolve(path);
    return URI.create("ws" + found.toString().substring("http".length()));
  }

  private static String service(Channel channel) {
    return switch (channel) {
      case ACS, TCS -> SERVICE;
      case EXEC -> ChannelPaths.SIGNING_NAME;
    };
  }

  private HttpClient client(URI address) {
    return HttpClients.builder(address).connectTimeout(CONNECT_LIMIT).executor(threads).build();
  }

  /// The client that can reach an address: sockets may be handed out under TLS although the API is
  /// called without.
  private HttpClient clientFor(URI address) {
    if (!HttpClients.isSecure(address) || HttpClients.isSecure(endpoint)) {
      return http;
    }
    synchronized (sockets) {
      HttpClient present = secure;
      if (present == null) {
        present = client(address);
        secure = present;
      }
      return present;
    }
  }

  /// Queues one frame; dropped when the socket is gone.
  public void send(long socket, String text) {
    AgentSocket present = sockets.get(socket);
    if (present != null) {
      present.send(text);
    }
  }

  /// Queues one binary frame, likewise.
  public void send(long socket, byte[] message) {
    AgentSocket present = sockets.get(socket);
    if (present != null) {
      present.send(message);
    }
  }

  /// Closes a socket after what is queued.
  public void close(long socket, int code, String reason) {
    AgentSocket present = sockets.get(socket);
    if (present != null) {
      present.close(code, reason);
    }
  }

  /// Ends all calls and cuts all sockets. No events follow.
  @Override
  public void close() {
    for (AgentSocket socket : sockets.values()) {
      socket.cut();
    }
    sockets.clear();
    http.shutdownNow();
    synchronized (sockets) {
      if (secure != null) {
        secure.shutdownNow();
      }
    }
    threads.shutdownNow();
  }

  /// What goes over the wire: on TCS each frame is signed like a request (agent-protocol 2).
  private String frame(Channel channel, URI uri, String text) {
    return switch (channel) {
      case ACS, EXEC -> text;
      case TCS ->
          client.signedFrame(uri, text, SERVICE, credentials.get(), region, clock.instant());
    };
  }

  private static Headers headers(HttpResponse<?> response) {
    List<Header> fields = new ArrayList<>();
    response
        .headers()
        .map()
        .forEach((name, values) -> values.forEach(value -> fields.add(new Header(name, value))));
    return Headers.of(fields);
  }
}
