package dev.gantry.bench;

import dev.gantry.api.ecs.DescribeClustersRequest;
import dev.gantry.api.ecs.Ecs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/// From starting `./gantry up` until a signed request is answered with 200, with and without an
/// agent, on an empty data directory. The floor, measured in turn with them, is a JVM of the same
/// kind that does nothing.
final class Launch {
  private static final double REACH_MILLIS = 1_000;

  /// How long a start stays up after its first answer, so that a stop does not meet the middle of a
  /// start.
  private static final Duration SETTLE = Duration.ofMillis(300);

  private Launch() {}

  static Row measure(Path launcher, Settings settings) throws IOException, InterruptedException {
    // The first one finds nothing in the operating system's caches.
    launch(launcher);
    Figures alone = new Figures();
    Figures withAgent = new Figures();
    Figures floor = new Figures();
    for (int i = 0; i < settings.launches(); i++) {
      alone.add(launch(launcher, "--no-agent"));
      withAgent.add(launch(launcher));
      floor.add(Nothing.launch());
    }
    double worse = Math.max(alone.medianMillis(), withAgent.medianMillis());
    return new Row(
        "./gantry up to the first signed 200 (" + settings.launches() + " starts)",
        String.format(
            Locale.ROOT,
            "median %.0f ms; --no-agent %.0f ms",
            withAgent.medianMillis(),
            alone.medianMillis()),
        String.format(Locale.ROOT, "empty JVM %.0f ms", floor.medianMillis()),
        String.format(Locale.ROOT, "%.1f times", worse / floor.medianMillis()),
        String.format(Locale.ROOT, "<= %.0f ms", REACH_MILLIS),
        worse <= REACH_MILLIS);
  }

  private static long launch(Path launcher, String... options)
      throws IOException, InterruptedException {
    try (GantryProcess gantry = GantryProcess.launch(launcher, options)) {
      byte[] request =
          gantry.signed(Ecs.DESCRIBE_CLUSTERS, DescribeClustersRequest.builder().build());
      long elapsed = gantry.awaitAnswer(request);
      Thread.sleep(SETTLE);
      return elapsed;
    }
  }
}
