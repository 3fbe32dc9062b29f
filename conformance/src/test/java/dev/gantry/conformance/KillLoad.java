package dev.gantry.conformance;

import dev.gantry.home.RootKey;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.InputLogEvent;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.RunTaskResponse;

/// What clients do while things are killed around them: run and stop tasks, make clusters, put log
/// events. Each call is made once, without retries, and its outcome noted: acknowledged, or not
/// known. One thread per kind of call.
final class KillLoad implements AutoCloseable {
  /// Tasks of one round: as many as two busy cores start in time.
  private static final int MOST_TASKS = 8;

  private static final Duration CALL_LIMIT = Duration.ofSeconds(4);
  private static final Duration BETWEEN_CALLS = Duration.ofMillis(40);

  private final EcsClient ecs;
  private final CloudWatchLogsClient logs;
  private final String name;
  private final String group;
  private final List<String> definitions;
  private final SplittableRandom random;
  private final AtomicBoolean over = new AtomicBoolean();
  private final List<Thread> threads = new ArrayList<>();

  /// By client token, the task if that is known.
  private final Map<String, Run> runs = new LinkedHashMap<>();

  private final List<String> clusters = new ArrayList<>();
  private final List<String> events = new ArrayList<>();
  private int unknown;

  /// One RunTask, and what is known of the task by now.
  static final class Run {
    final String token;
    final String definition;
    String task = "";
    boolean stopAsked;
    boolean stopAcknowledged;

    private Run(String token, String definition) {
      this.token = token;
      this.definition = definition;
    }
  }

  /// @param name what this round's things begin with
  /// @param group a log group that exists; the round's stream is named like the round
  /// @param definitions what is run in turn
  KillLoad(
      GantryProcess gantry,
      String name,
      String group,
      List<String> definitions,
      SplittableRandom random)
      throws IOException {
    this.name = name;
    this.group = group;
    this.definitions = definitions;
    this.random = random;
    RootKey key = gantry.key();
    StaticCredentialsProvider credentials =
        StaticCredentialsProvider.create(
            AwsBasicCredentials.create(key.accessKeyId(), key.secret()));
    this.ecs =
        EcsClient.builder()
            .endpointOverride(gantry.endpoint())
            .region(AwsClients.REGION)
            .credentialsProvider(credentials)
            .overrideConfiguration(settings ->
                settings.retryStrategy(AwsRetryStrategy.doNotRetry()).apiCallTimeout(CALL_LIMIT))
            .build();
    this.logs =
        CloudWatchLogsClient.builder()
            .endpointOverride(gantry.endpoint())
            .region(AwsClients.REGION)
            .credentialsProvider(credentials)
            .overrideConfiguration(settings ->
                settings.retryStrategy(AwsRetryStrategy.doNotRetry()).apiCallTimeout(CALL_LIMIT))
            .build();
  }

  /// The stream that log events go to.
  String stream() {
    return name;
  }

  void start() {
    logs.createLogStream(request -> request.logGroupName(group).logStreamName(name));
    repeatedly(this::run);
    repeatedly(this::stop);
    repeatedly(this::makeCluster);
    repeatedly(this::putEvent);
  }

  private interface Call {
    void go(int number) throws SdkException;
  }

  private void repeatedly(Call call) {
    threads.add(
        Thread.ofVirtual()
            .start(() -> {
              for (int number = 1; !over.get(); number++) {
                try {
                  call.go(number);
                } catch (SdkException _) {
                  // Refused, or nobody there, or no answer: what came of it is found out later.
                  synchronized (this) {
                    unknown++;
                  }
                }
                try {
                  Thread.sleep(BETWEEN_CALLS);
                } catch (InterruptedException _) {
                  return;
                }
              }
            }));
  }

  private void run(int number) {
    Run run;
    synchronized (this) {
      if (runs.size() >= MOST_TASKS) {
        return;
      }
      run = new Run(name + "-" + number, definitions.get(number % definitions.size()));
      runs.put(run.token, run);
    }
    RunTaskResponse answer = ask(run);
    synchronized (this) {
      if (!answer.tasks().isEmpty()) {
        run.task = answer.tasks().getFirst().taskArn();
      }
    }
  }

  private RunTaskResponse ask(Run run) {
    return ecs.runTask(request ->
        request
            .cluster(SdkTasks.CLUSTER)
            .taskDefinition(run.definition)
            .clientToken(run.token)
            .startedBy(run.token));
  }

  private void stop(int number) {
    Run chosen = null;
    synchronized (this) {
      for (Run run : runs.values()) {
        if (!run.task.isEmpty() && !run.stopAsked && random.nextInt(12) == 0) {
          run.stopAsked = true;
          chosen = run;
          break;
        }
      }
    }
    if (chosen != null) {
      String task = chosen.task;
      ecs.stopTask(
          request -> request.cluster(SdkTasks.CLUSTER).task(task).reason("asked by " + name));
      synchronized (this) {
        chosen.stopAcknowledged = true;
      }
    }
  }

  private void makeCluster(int number) {
    String cluster = name + "-" + number;
    ecs.createCluster(request -> request.clusterName(cluster));
    synchronized (this) {
      clusters.add(cluster);
    }
  }

  private void putEvent(int number) {
    String message = name + " event " + number;
    InputLogEvent event =
        InputLogEvent.builder().message(message).timestamp(System.currentTimeMillis()).build();
    logs.putLogEvents(
        request -> request.logGroupName(group).logStreamName(name).logEvents(List.of(event)));
    synchronized (this) {
      events.add(message);
    }
  }

  /// Ends all calls.
  void stop() throws InterruptedException {
    over.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /// Every RunTask that was tried; after [#stop].
  List<Run> runs() {
    return List.copyOf(runs.values());
  }

  /// The clusters whose making was acknowledged.
  List<String> clusters() {
    return List.copyOf(clusters);
  }

  /// The log events whose putting was acknowledged.
  List<String> events() {
    return List.copyOf(events);
  }

  @Override
  public String toString() {
    return runs.size()
        + " tasks, "
        + clusters.size()
        + " clusters, "
        + events.size()
        + " events, "
        + unknown
        + " calls without an answer";
  }

  @Override
  public void close() {
    over.set(true);
    threads.forEach(Thread::interrupt);
    ecs.close();
    logs.close();
  }
}
