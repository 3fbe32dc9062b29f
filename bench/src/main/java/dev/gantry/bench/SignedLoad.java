package dev.gantry.bench;

import dev.gantry.api.ecs.DescribeClustersRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.wire.Headers;
import dev.gantry.wire.server.AwsEndpoint;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// How many signed DescribeClusters a server answers in a second, against its own unsigned constant
/// answer, over keep-alive connections; and what memory it holds after that. The server is a
/// process of its own, and shares the machine with this one, which sends.
final class SignedLoad {
  private static final int CONNECTIONS = 8;
  private static final double REACH_RATIO = 0.4;
  private static final long REACH_MIB = 200;
  private static final double KIB_PER_MIB = 1024;
  private static final double NANOS_PER_SECOND = 1e9;

  private SignedLoad() {}

  /// @return the row of the throughput and the row of the memory
  static List<Row> measure(Path launcher, Settings settings)
      throws IOException, InterruptedException, ExecutionException {
    try (GantryProcess gantry = GantryProcess.launch(launcher)) {
      gantry.awaitUp();
      double before = gantry.residentKiB() / KIB_PER_MIB;
      byte[] constant =
          RawConnection.bytes(
              "GET",
              AwsEndpoint.HEALTH_PATH,
              Headers.of("Host", gantry.endpoint().getAuthority()),
              new byte[0]);
      double signed = 0;
      double unsigned = 0;
      try (ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS)) {
        load(threads, gantry.endpoint(), describe(gantry), settings.warmUpLoad());
        load(threads, gantry.endpoint(), constant, settings.warmUpLoad().dividedBy(2));
        for (int i = 0; i < settings.windows(); i++) {
          unsigned += load(threads, gantry.endpoint(), constant, settings.window());
          signed += load(threads, gantry.endpoint(), describe(gantry), settings.window());
        }
      }
      signed /= settings.windows();
      unsigned /= settings.windows();
      Row throughput =
          new Row(
              "DescribeClusters, SigV4 verified, " + CONNECTIONS + " connections",
              String.format(Locale.ROOT, "%.0f /s", signed),
              String.format(Locale.ROOT, "unsigned constant %.0f /s", unsigned),
              String.format(Locale.ROOT, "%.2f of it", signed / unsigned),
              String.format(Locale.ROOT, ">= %.1f of it", REACH_RATIO),
              signed / unsigned >= REACH_RATIO);
      double peak = gantry.residentKiB() / KIB_PER_MIB;
      Thread.sleep(settings.rest());
      double after = gantry.residentKiB() / KIB_PER_MIB;
      Row memory =
          new Row(
              "RSS " + settings.rest().toSeconds() + " s after that load, agent joined",
              String.format(Locale.ROOT, "%.0f MiB", after),
              String.format(Locale.ROOT, "before it %.0f MiB, at its end %.0f MiB", before, peak),
              String.format(Locale.ROOT, "%+.0f MiB", after - before),
              "<= " + REACH_MIB + " MiB",
              after <= REACH_MIB);
      return List.of(throughput, memory);
    }
  }

  private static byte[] describe(GantryProcess gantry) {
    return gantry.signed(
        Ecs.DESCRIBE_CLUSTERS,
        DescribeClustersRequest.builder().clusters(List.of("default")).build());
  }

  /// @return answers in a second, over all connections
  private static double load(ExecutorService threads, URI server, byte[] request, Duration duration)
      throws InterruptedException, ExecutionException {
    long begin = System.nanoTime();
    List<Future<Long>> connections = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      connections.add(threads.submit(() -> ask(server, request, begin + duration.toNanos())));
    }
    long answers = 0;
    for (Future<Long> connection : connections) {
      answers += connection.get();
    }
    return answers * NANOS_PER_SECOND / (System.nanoTime() - begin);
  }

  private static long ask(URI server, byte[] request, long end) throws IOException {
    long answers = 0;
    try (RawConnection connection = new RawConnection(server)) {
      while (System.nanoTime() < end) {
        connection.succeed(request);
        answers++;
      }
    }
    return answers;
  }
}
