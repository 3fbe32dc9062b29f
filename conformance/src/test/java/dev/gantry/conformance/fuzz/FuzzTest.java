package dev.gantry.conformance.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Fifty thousand requests that nobody should send, to a real server.
class FuzzTest {
  private static final long SEED = 1;
  private static final int REQUESTS = 50_000;
  private static final int CLIENTS = 16;

  @Test
  void nothingBreaks() throws Exception {
    FuzzRun.Report report = FuzzRun.run(REQUESTS, SEED, CLIENTS, line -> {});
    System.out.println(report);
    assertThat(report.failures()).as(report.toString()).isEmpty();
  }
}
