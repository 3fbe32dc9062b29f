package dev.gantry.http;

import dev.gantry.wire.BodyListener;
import dev.gantry.wire.Endpoint;
import dev.gantry.wire.Endpoint.Upgrade;
import dev.gantry.wire.Headers;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.WireRequest;
import dev.gantry.wire.WireResponse;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.http.Header;
import io.helidon.http.HttpPrologue;
import io.helidon.http.RequestException;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.http1.Http1Headers;
import io.helidon.webserver.http1.Http1Prologue;
import io.helidon.webserver.spi.ServerConnection;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One HTTP/1.1 connection: reads a request, asks the endpoint, writes the answer, and again, all
/// on the connection's own virtual thread, until one side has enough or the connection becomes a
/// WebSocket.
///
/// A request whose length is not told beforehand (`Transfer-Encoding`) is refused with 411: AWS
/// clients always tell it, and two ways of telling a length are how requests are smuggled.
final class HttpConnection implements ServerConnection, InterruptableTask<Void>, Watchdog.Watched {
  private static final Logger LOG = LoggerFactory.getLogger(HttpConnection.class);
  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int FIRST_BODY_CAPACITY = 16 * 1024;
  private static final long NO_DEADLINE = 0;

  private final ServerContext server;
  private final ConnectionContext context;
  private final DataReader reader;
  private final Http1Prologue prologues;
  private final Http1Headers headers;
  private final ResponseWriter writer = new ResponseWriter();

  /// When the watchdog ends the connection, in `System.nanoTime`, or [#NO_DEADLINE].
  private volatile long deadline;

  private volatile boolean waiting;
  private volatile boolean stopping;
  private volatile @Nullable WebSocket socket;
  private @Nullable String peer;

  HttpConnection(ServerContext server, ConnectionContext context) {
    this.server = server;
    this.context = context;
    this.reader = context.dataReader();
    this.prologues = new Http1Prologue(reader, HttpLimits.MAX_REQUEST_LINE_BYTES, true);
    this.headers = new Http1Headers(reader, server.http().headerBytes(), true);
  }

  @Override
  public void handle(Limit unused) {
    server.watchdog().add(this);
    server.arrived(this);
    try {
      while (!stopping && awaitRequest()) {
        if (!exchange()) {
          return;
        }
      }
    } catch (DataReader.InsufficientDataAvailableException _) {
      LOG.debug("a connection ended within a request");
    } catch (ServerConnectionException | UncheckedIOException e) {
      LOG.debug("a connection broke", e);
    } catch (InterruptedException e) {
      LOG.debug("a request was given up because the server was stopped by force", e);
    } finally {
      server.left(this);
      server.watchdog().remove(this);
    }
  }

  /// Ends the connection if it waits for a request; one that is about to wait sees for itself that
  /// the server is stopping. Helidon asks each connection once whether it may be interrupted, and
  /// would wait out its grace for one that was just about to wait.
  void takeLeave() {
    stopping = true;
    if (waiting) {
      context.serverSocket().close();
    }
  }

  /// Waits for the first byte of a request.
  ///
  /// @return false if the other end has closed the connection
  private boolean awaitRequest() {
    within(server.http().idle());
    waiting = true;
    try {
      if (server.isStopping()) {
        return false;
      }
      reader.ensureAvailable();
      return true;
    } catch (DataReader.InsufficientDataAvailableException _) {
      return false;
    } finally {
      waiting = false;
    }
  }

  /// Handles one request.
  ///
  /// @return whether the connection goes on
  private boolean exchange() throws InterruptedException {
    within(server.http().read());
    RequestHead head;
    try {
      HttpPrologue prologue = prologues.readPrologue();
      head = head(prologue, headers.readHeaders(prologue));
    } catch (RequestException e) {
      return refuse(Math.max(400, e.status().code()), "The request is not valid HTTP/1.1");
    } catch (IllegalArgumentException e) {
      return refuse(400, "The request is not valid HTTP/1.1");
    }
    if (head.headers().fields().size() > server.http().headerCount()) {
      return refuse(431, "The request has more than " + server.http().headerCount() + " headers");
    }
    List<String> hosts = head.headers().all("Host");
    if (hosts.size() != 1) {
      return refuse(400, "The request needs exactly one Host header");
    }
    if (head.headers().first("Transfer-Encoding") != null) {
      return refuse(411, "The request must tell its Content-Length");
    }
    List<String> lengths = head.headers().all("Content-Length");
    long length = lengths.isEmpty() ? 0 : length(lengths);
    if (length < 0) {
      return refuse(400, "The Content-Length is not a length");
    }
    if (isUpgrade(head)) {
      return length == 0
          ? upgrade(head)
          : refuse(400, "A request for a WebSocket must not have a body");
    }
    return call(head, length);
  }

  private RequestHead head(HttpPrologue prologue, WritableHeaders<?> parsed) {
    List<Headers.Header> fields = new ArrayList<>(parsed.size());
    for (Header header : parsed) {
      String name = header.headerName().defaultCase();
      if (header.valueCount() == 1) {
        fields.add(new Headers.Header(name, header.get()));
      } else {
        for (String value : header.allValues()) {
          fields.add(new Headers.Header(name, value));
        }
      }
    }
    String query = prologue.query().rawValue();
    return new RequestHead(
        prologue.method().text(),
        prologue.uriPath().rawPath(),
        query.isEmpty() ? null : query,
        Headers.of(fields),
        peer());
  }

  private boolean call(RequestHead head, long length) throws InterruptedException {
    Endpoint endpoint = server.endpoint();
    WireResponse response;
    boolean close = isClose(head);
    boolean wholeBody = true;
    Exchange exchange = new Exchange();
    try {
      if (length > endpoint.bodyLimit(head)) {
        wholeBody = false;
        response = endpoint.tooLarge(head);
      } else {
        byte[] body = body(head, (int) length);
        deadline = NO_DEADLINE;
        endpoint.handle(new WireRequest(head, body), exchange);
        WireResponse given = exchange.await(server.http().answer().toNanos());
        response = given != null ? given : late(head);
      }
    } catch (RuntimeException | StackOverflowError e) {
      if (isBroken(e)) {
        throw e;
      }
      // The endpoint promises not to throw; the client must get an answer nevertheless.
      exchange.abandon();
      LOG.error("the endpoint failed on {} {}", head.method(), head.path(), e);
      close = true;
      response = plain(500, "ServerException", "Service Unavailable. Please try again later.");
    }
    close |= stopping || !wholeBody;
    BodyListener more = response.more();
    if (more != null) {
      return stream(response, more, close);
    }
    send(response, !head.method().equals("HEAD"), close);
    if (!wholeBody) {
      linger();
    }
    return !close;
  }

  /// Writes a response whose body goes on, until its end or the connection's.
  ///
  /// Nothing is read meanwhile: that the client is gone shows when a piece is written.
  ///
  /// @return whether the connection goes on
  private boolean stream(WireResponse response, BodyListener more, boolean close)
      throws InterruptedException {
    StreamedBody body = new StreamedBody();
    try {
      if (!server.open(body)) {
        return fail(503, "ServiceUnavailableException", "The server is stopping");
      }
      within(server.http().write());
      context.dataWriter().writeNow(writer.begin(response, close));
      deadline = NO_DEADLINE;
      more.opened(body);
      byte[] piece = body.next();
      while (piece != null) {
        within(server.http().write());
        context.dataWriter().writeNow(writer.chunk(piece));
        deadline = NO_DEADLINE;
        piece = body.next();
      }
      within(server.http().write());
      context.dataWriter().writeNow(writer.lastChunk());
    } finally {
      body.close();
      server.closed(body);
      more.closed();
    }
    return !close && !stopping;
  }

  /// Whether this is the connection's end, not the endpoint's fault.
  private static boolean isBroken(Throwable e) {
    return e instanceof DataReader.InsufficientDataAvailableException
        || e instanceof ServerConnectionException
        || e instanceof UncheckedIOException;
  }

  private static WireResponse late(RequestHead head) {
    LOG.error("no answer in time to {} {}", head.method(), head.path());
    return plain(503, "ServiceUnavailableException", "The server did not answer in time");
  }

  private byte[] body(RequestHead head, int length) {
    if (length == 0) {
      return BufferData.EMPTY_BYTES;
    }
    String expect = head.headers().first("Expect");
    if (expect != null && expect.equalsIgnoreCase("100-continue")) {
      context.dataWriter().writeNow(BufferData.create(CONTINUE));
    }
    // What the client says it will send is no reason to set memory aside for it.
    byte[] body = new byte[Math.min(length, FIRST_BODY_CAPACITY)];
    int size = 0;
    while (size < length) {
      reader.ensureAvailable();
      int count = Math.min(reader.available(), length - size);
      if (size + count > body.length) {
        body = Arrays.copyOf(body, Math.min(length, Math.max(size + count, body.length * 2)));
      }
      BufferData data = reader.readBuffer(count);
      data.read(body, size, count);
      size += count;
    }
    return body;
  }

  private boolean upgrade(RequestHead head) {
    String key = head.headers().first("Sec-WebSocket-Key");
    if (!head.method().equals("GET") || !WebSocket.isKey(key)) {
      return refuse(400, "The request for a WebSocket is not valid");
    }
    if (!"13".equals(head.headers().first("Sec-WebSocket-Version"))) {
      send(
          new WireResponse(
              426, Headers.of("Sec-WebSocket-Version", "13", "Date", now()), new byte[0]),
          true,
          true);
      return false;
    }
    Upgrade decision;
    try {
      decision = server.endpoint().upgrade(head);
    } catch (RuntimeException e) {
      LOG.error("the endpoint failed on the upgrade of {}", head.path(), e);
      return fail(500, "ServerException", "Service Unavailable. Please try again later.");
    }
    return switch (decision) {
      case Upgrade.Refused refused -> {
        send(refused.response(), true, true);
        yield false;
      }
      case Upgrade.Accepted accepted ->
          serve(new WebSocket(context, server.sockets(), accepted.listener()), key);
      case Upgrade.AcceptedBinary accepted ->
          serve(new WebSocket(context, server.sockets().forBinary(), accepted.listener()), key);
    };
  }

  /// Serves a WebSocket to its end, and with it the connection's.
  private boolean serve(WebSocket opened, @Nullable String key) {
    if (!server.open(opened)) {
      return fail(503, "ServiceUnavailableException", "The server is stopping");
    }
    deadline = NO_DEADLINE;
    socket = opened;
    try {
      opened.run(key);
    } finally {
      server.closed(opened);
    }
    return false;
  }

  /// Refuses a request that never reached the endpoint, and ends the connection.
  private boolean refuse(int status, String message) {
    send(plain(status, "BadRequestException", message), true, true);
    linger();
    return false;
  }

  /// Answers that something broke here, and ends the connection.
  private boolean fail(int status, String type, String message) {
    send(plain(status, type, message), true, true);
    return false;
  }

  private static WireResponse plain(int status, String type, String message) {
    return new WireResponse(
        status,
        Headers.of("Content-Type", "application/json", "x-amzn-ErrorType", type, "Date", now()),
        ("{\"__type\":\"" + type + "\",\"message\":\"" + message + "\"}")
            .getBytes(StandardCharsets.US_ASCII));
  }

  private static String now() {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC));
  }

  private void send(WireResponse response, boolean withBody, boolean close) {
    within(server.http().write());
    context.dataWriter().writeNow(writer.write(response, withBody, close));
  }

  /// Reads on for a moment after a response that came before the request's end.
  private void linger() {
    within(server.http().linger());
    Unread.discard(reader, server.http().lingerBytes());
  }

  private void within(Duration limit) {
    deadline = System.nanoTime() + limit.toNanos();
  }

  private static boolean isClose(RequestHead head) {
    String connection = head.headers().first("Connection");
    return connection != null && connection.equalsIgnoreCase("close");
  }

  private static boolean isUpgrade(RequestHead head) {
    String upgrade = head.headers().first("Upgrade");
    return upgrade != null && upgrade.equalsIgnoreCase("websocket");
  }

  /// The one length that the headers tell, or -1.
  private static long length(List<String> values) {
    String text = values.getFirst();
    if (values.size() != 1 || text.isEmpty() || text.length() > 15) {
      return -1;
    }
    long length = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      length = length * 10 + digit;
    }
    return length;
  }

  private String peer() {
    if (peer == null) {
      peer = context.remotePeer().host() + ":" + context.remotePeer().port();
    }
    return peer;
  }

  @Override
  public void check(long nowNanos) {
    long end = deadline;
    if (end != NO_DEADLINE && nowNanos - end > 0) {
      context.serverSocket().close();
    }
    WebSocket open = socket;
    if (open != null) {
      open.check(nowNanos);
    }
  }

  /// Never: the [Watchdog] looks after this.
  @Override
  public Duration idleTime() {
    return Duration.ZERO;
  }

  @Override
  public void close(boolean interrupt) {
    stopping = true;
    if (interrupt) {
      context.serverSocket().close();
    }
  }

  /// While no request is under way a stopping server need not wait.
  @Override
  public boolean canInterrupt() {
    return waiting;
  }
}
