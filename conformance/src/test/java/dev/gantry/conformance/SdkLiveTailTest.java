package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.home.RootKey;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.client.config.SdkAdvancedClientOption;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsAsyncClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.InputLogEvent;
import software.amazon.awssdk.services.cloudwatchlogs.model.LiveTailSessionLogEvent;
import software.amazon.awssdk.services.cloudwatchlogs.model.LiveTailSessionStart;
import software.amazon.awssdk.services.cloudwatchlogs.model.LiveTailSessionUpdate;
import software.amazon.awssdk.services.cloudwatchlogs.model.ResourceNotFoundException;
import software.amazon.awssdk.services.cloudwatchlogs.model.StartLiveTailRequest;
import software.amazon.awssdk.services.cloudwatchlogs.model.StartLiveTailResponseHandler;

/// StartLiveTail as the AWS SDK for Java reads it: the framing, the first response, the events. The
/// SDK must not put `stream-` before the endpoint's host, which would have no address then.
@Tag("docker")
@ExtendWith(SharedGantry.class)
class SdkLiveTailTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final AwsClients clients;
  private final CloudWatchLogsAsyncClient streaming;
  private final String group = "/conformance/" + UUID.randomUUID();
  private final BlockingQueue<LiveTailSessionStart> starts = new LinkedBlockingQueue<>();
  private final BlockingQueue<LiveTailSessionUpdate> updates = new LinkedBlockingQueue<>();

  SdkLiveTailTest(GantryProcess gantry) throws IOException {
    this.clients = AwsClients.of(gantry);
    RootKey key = gantry.key();
    this.streaming =
        CloudWatchLogsAsyncClient.builder()
            .endpointOverride(gantry.endpoint())
            .region(AwsClients.REGION)
            .credentialsProvider(
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(key.accessKeyId(), key.secret())))
            .overrideConfiguration(configuration ->
                configuration.putAdvancedOption(
                    SdkAdvancedClientOption.DISABLE_HOST_PREFIX_INJECTION, true))
            .build();
  }

  @BeforeEach
  void aGroup() {
    clients.logs().createLogGroup(request -> request.logGroupName(group));
    clients.logs().createLogStream(request -> request.logGroupName(group).logStreamName("web"));
  }

  @AfterEach
  void close() {
    streaming.close();
    clients.close();
  }

  @Test
  void eventsArriveWhileTheyAreWritten() throws Exception {
    CompletableFuture<Void> session = tail(group, "ERROR");
    LiveTailSessionStart start = take(starts);
    assertThat(start.logGroupIdentifiers()).containsExactly(arn(group));
    assertThat(start.logEventFilterPattern()).isEqualTo("ERROR");
    assertThat(start.sessionId()).isNotEmpty();

    put("ERROR one", "all is well", "ERROR two \uD83D\uDE80");
    List<LiveTailSessionLogEvent> seen = new ArrayList<>();
    while (seen.size() < 2) {
      LiveTailSessionUpdate update = take(updates);
      assertThat(update.sessionMetadata().sampled()).isFalse();
      seen.addAll(update.sessionResults());
    }

    assertThat(seen)
        .extracting(LiveTailSessionLogEvent::message)
        .containsExactly("ERROR one", "ERROR two \uD83D\uDE80");
    assertThat(seen.getFirst().logStreamName()).isEqualTo("web");
    assertThat(seen.getFirst().logGroupIdentifier()).isEqualTo(arn(group));
    assertThat(session).isNotDone();
  }

  @Test
  void aGroupThatIsNotThereIsRefused() {
    CompletableFuture<Void> session = tail("/none", "");

    assertThatThrownBy(() -> session.get(LIMIT.toSeconds(), TimeUnit.SECONDS))
        .hasCauseInstanceOf(ResourceNotFoundException.class)
        .hasMessageContaining("The specified log group does not exist.");
  }

  private CompletableFuture<Void> tail(String name, String pattern) {
    return streaming.startLiveTail(
        StartLiveTailRequest.builder()
            .logGroupIdentifiers(arn(name))
            .logEventFilterPattern(pattern)
            .build(),
        StartLiveTailResponseHandler.builder()
            .subscriber(
                StartLiveTailResponseHandler.Visitor.builder()
                    .onSessionStart(starts::add)
                    .onSessionUpdate(updates::add)
                    .build())
            .build());
  }

  private void put(String... messages) {
    long now = System.currentTimeMillis();
    List<InputLogEvent> events = new ArrayList<>();
    for (String message : messages) {
      events.add(InputLogEvent.builder().timestamp(now).message(message).build());
    }
    clients
        .logs()
        .putLogEvents(
            request -> request.logGroupName(group).logStreamName("web").logEvents(events));
  }

  private static String arn(String name) {
    return "arn:aws:logs:" + AwsClients.REGION.id() + ":000000000000:log-group:" + name;
  }

  private static <T> T take(BlockingQueue<T> queue) throws InterruptedException {
    T taken = queue.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
    if (taken == null) {
      throw new AssertionError("nothing came");
    }
    return taken;
  }
}
