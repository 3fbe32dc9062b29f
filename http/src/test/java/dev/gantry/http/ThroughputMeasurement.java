package dev.gantry.http;

import dev.gantry.api.ecs.Cluster;
import dev.gantry.api.ecs.DescribeClustersRequest;
import dev.gantry.api.ecs.DescribeClustersResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.wire.Endpoint;
import dev.gantry.wire.Headers;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.WireRequest;
import dev.gantry.wire.WireResponse;
import dev.gantry.wire.auth.CredentialResolver.Resolution;
import dev.gantry.wire.auth.Credentials;
import dev.gantry.wire.auth.Principal;
import dev.gantry.wire.client.AwsClient;
import dev.gantry.wire.client.ClientRequest;
import dev.gantry.wire.server.AwsEndpoint;
import dev.gantry.wire.shape.ServiceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;

/// Not a test: prints how many requests a second the server answers, an unsigned constant and a
/// signed, verified, decoded and encoded DescribeClusters, in turns, over eight keep-alive
/// connections of a client in the same process. Also prints the time from `new HelidonServer` to
/// the first answer.
///
/// Run it from the module's test class path; the first argument is the seconds of each turn.
public final class ThroughputMeasurement {
  private static final int CONNECTIONS = 8;
  private static final int TURNS = 3;
  private static final Credentials KEY = Credentials.of("AKIAEXAMPLE", "a secret");

  private ThroughputMeasurement() {}

  /// An endpoint that answers the same to everybody.
  private static final class Constant implements Endpoint {
    private static final WireResponse ANSWER =
        new WireResponse(
            200,
            Headers.of(
                "Content-Type",
                "application/x-amz-json-1.1",
                "Date",
                "Sun, 01 Mar 2026 12:00:00 GMT",
                "x-amzn-RequestId",
                "00000000-0000-0000-0000-000000000000"),
            "{\"clusters\":[],\"failures\":[]}".getBytes(StandardCharsets.US_ASCII));

    @Override
    public long bodyLimit(RequestHead head) {
      return 1_000_000;
    }

    @Override
    public WireResponse tooLarge(RequestHead head) {
      return ANSWER;
    }

    @Override
    public void handle(WireRequest request, Consumer<WireResponse> answer) {
      answer.accept(ANSWER);
    }

    @Override
    public Upgrade upgrade(RequestHead head) {
      return new Upgrade.Refused(ANSWER);
    }
  }

  private static AwsEndpoint aws() {
    Principal root = new Principal("000000000000", "arn:aws:iam::000000000000:root");
    return new AwsEndpoint(
        List.of(Ecs.SERVICE),
        (call, answer) -> {
          if (call.operation() != Ecs.DESCRIBE_CLUSTERS) {
            answer.failure(new ServiceException("ClientException", 400, "no"));
            return;
          }
          answer.success(
              DescribeClustersResponse.builder()
                  .clusters(
                      List.of(
                          Cluster.builder()
                              .clusterArn("arn:aws:ecs:us-east-1:000000000000:cluster/default")
                              .clusterName("default")
                              .status("ACTIVE")
                              .activeServicesCount(0)
                              .runningTasksCount(3)
                              .pendingTasksCount(0)
                              .registeredContainerInstancesCount(1)
                              .build()))
                  .failures(List.of())
                  .build());
        },
        call -> new Endpoint.Upgrade.Refused(Constant.ANSWER),
        (key, token) -> new Resolution.Known(root, "a secret"),
        Clock.systemUTC(),
        () -> UUID.randomUUID().toString(),
        (id, what, cause) -> LoggerFactory.getLogger("measurement").error(what, cause));
  }

  private static byte[] request(int port) {
    ClientRequest request =
        new AwsClient()
            .request(
                Ecs.DESCRIBE_CLUSTERS,
                DescribeClustersRequest.builder().clusters(List.of("default")).build(),
                URI.create("http://127.0.0.1:" + port + "/"),
                KEY,
                "us-east-1",
                Clock.systemUTC().instant());
    StringBuilder head = new StringBuilder("POST / HTTP/1.1\r\n");
    for (Headers.Header field : request.headers().fields()) {
      head.append(field.name()).append(": ").append(field.value()).append("\r\n");
    }
    head.append("User-Agent: aws-cli/1.40.0 md/Botocore#1.43.0 ua/2.1 os/linux\r\n")
        .append("Accept-Encoding: identity\r\n")
        .append("amz-sdk-invocation-id: 00000000-0000-0000-0000-000000000000\r\n")
        .append("amz-sdk-request: attempt=1\r\n")
        .append("Content-Length: ")
        .append(request.body().length)
        .append("\r\n\r\n")
        .append(new String(request.body(), StandardCharsets.UTF_8));
    return head.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /// Prints the figures.
  public static void main(String[] arguments) throws Exception {
    Duration turn = Duration.ofSeconds(arguments.length > 0 ? Long.parseLong(arguments[0]) : 5);
    InetAddress loopback = InetAddress.getLoopbackAddress();
    AwsEndpoint aws = aws();
    long start = System.nanoTime();
    HelidonServer first = new HelidonServer(aws, loopback, 0);
    long made = System.nanoTime();
    one(first.port(), request(first.port()));
    System.out.printf(
        "start: %.0f ms to listening, %.0f ms to the first verified answer%n",
        (made - start) / 1e6, (System.nanoTime() - start) / 1e6);
    first.close();
    try (HelidonServer constant = new HelidonServer(new Constant(), loopback, 0);
        HelidonServer verified = new HelidonServer(aws, loopback, 0)) {
      for (int i = 0; i < TURNS; i++) {
        double unsigned = perSecond(constant.port(), turn);
        double signed = perSecond(verified.port(), turn);
        System.out.printf(
            "turn %d: unsigned constant %,.0f/s, verified DescribeClusters %,.0f/s, ratio %.2f"
                + " (load %s)%n",
            i + 1,
            unsigned,
            signed,
            signed / unsigned,
            Files.readString(Path.of("/proc/loadavg")).strip());
      }
    }
  }

  private static void one(int port, byte[] request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write(request);
      answer(socket.getInputStream(), new byte[8_192]);
    }
  }

  private static double perSecond(int port, Duration turn) throws InterruptedException {
    LongAdder count = new LongAdder();
    AtomicBoolean stop = new AtomicBoolean();
    byte[] request = request(port);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      threads.add(Thread.ofPlatform().start(() -> load(port, request, stop, count)));
    }
    Thread.sleep(turn.toMillis() / 3);
    long from = count.sum();
    long start = System.nanoTime();
    Thread.sleep(turn);
    long done = count.sum() - from;
    double seconds = (System.nanoTime() - start) / 1e9;
    stop.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    return done / seconds;
  }

  private static void load(int port, byte[] request, AtomicBoolean stop, LongAdder count) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setTcpNoDelay(true);
      OutputStream out = socket.getOutputStream();
      InputStream in = socket.getInputStream();
      byte[] buffer = new byte[8_192];
      while (!stop.get()) {
        out.write(request);
        answer(in, buffer);
        count.increment();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Reads one response; every response of this measurement fits into the buffer.
  private static void answer(InputStream in, byte[] buffer) throws IOException {
    int size = 0;
    while (true) {
      int read = in.read(buffer, size, buffer.length - size);
      if (read < 0) {
        throw new IOException("the server closed the connection");
      }
      size += read;
      String text = new String(buffer, 0, size, StandardCharsets.ISO_8859_1);
      int end = text.indexOf("\r\n\r\n");
      if (end < 0) {
        continue;
      }
      if (!text.startsWith("HTTP/1.1 200")) {
        throw new IOException(text);
      }
      int at = text.indexOf("Content-Length: ") + 16;
      int length = Integer.parseInt(text.substring(at, text.indexOf('\r', at)));
      if (size == end + 4 + length) {
        return;
      }
    }
  }
}
