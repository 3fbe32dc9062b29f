package dev.gantry.bench;

import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.RunTaskResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/// How long a RunTask call takes over a keep-alive connection, signed before, against one durable
/// commit made in turn with it. The instance is an [AcknowledgingAgent]: no Docker takes part.
final class RunTaskCall {
  private static final String CLUSTER = "bench";
  private static final double REACH_COMMITS = 5;
  private static final double REACH_MILLIS = 10;

  private RunTaskCall() {}

  static Row measure(Path launcher, Settings settings)
      throws IOException, InterruptedException, SQLException {
    try (GantryProcess gantry = GantryProcess.launch(launcher, "--no-agent")) {
      gantry.awaitUp();
      try (RawConnection connection = new RawConnection(gantry.endpoint());
          CommitFloor floor = new CommitFloor(gantry.data())) {
        gantry.call(
            connection,
            Ecs.CREATE_CLUSTER,
            CreateClusterRequest.builder().clusterName(CLUSTER).build());
        gantry.call(
            connection,
            Ecs.REGISTER_TASK_DEFINITION,
            RegisterTaskDefinitionRequest.builder()
                .family("bench")
                .containerDefinitions(
                    List.of(
                        ContainerDefinition.builder()
                            .name("main")
                            .image("gantry-hello:1")
                            .cpu(2)
                            .memory(6)
                            .build()))
                .build());
        try (AcknowledgingAgent _ = AcknowledgingAgent.join(gantry, CLUSTER)) {
          return measure(gantry, connection, floor, settings);
        }
      }
    }
  }

  private static Row measure(
      GantryProcess gantry, RawConnection connection, CommitFloor floor, Settings settings)
      throws IOException, SQLException {
    RunTaskRequest input =
        RunTaskRequest.builder().cluster(CLUSTER).taskDefinition("bench").count(1).build();
    for (int i = 0; i < settings.warmUpCalls(); i++) {
      runTask(gantry, connection, input);
      floor.commit();
    }
    Figures calls = new Figures();
    Figures commits = new Figures();
    for (int i = 0; i < settings.calls(); i++) {
      calls.add(runTask(gantry, connection, input));
      commits.add(floor.commit());
    }
    double call = calls.medianMillis();
    double commit = commits.medianMillis();
    return new Row(
        "RunTask call (agent without engine, " + calls.count() + " calls)",
        String.format(Locale.ROOT, "p50 %.2f ms, p99 %.2f ms", call, calls.percentileMillis(99)),
        String.format(Locale.ROOT, "one commit p50 %.2f ms", commit),
        String.format(Locale.ROOT, "%.1f commits", call / commit),
        String.format(Locale.ROOT, "<= %.0f commits, <= %.0f ms", REACH_COMMITS, REACH_MILLIS),
        call <= REACH_COMMITS * commit && call <= REACH_MILLIS);
  }

  private static long runTask(GantryProcess gantry, RawConnection connection, RunTaskRequest input)
      throws IOException {
    byte[] request = gantry.signed(Ecs.RUN_TASK, input);
    long start = System.nanoTime();
    int status = connection.exchange(request);
    long elapsed = System.nanoTime() - start;
    RunTaskResponse response = gantry.output(connection, Ecs.RUN_TASK, status);
    if (response.tasks() == null || response.tasks().size() != 1) {
      throw new IOException("RunTask placed nothing: " + response.failures());
    }
    return elapsed;
  }
}
