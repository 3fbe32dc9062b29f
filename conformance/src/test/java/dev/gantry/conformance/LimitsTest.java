package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.cloudwatchlogs.model.LimitExceededException;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.model.ClientException;
import software.amazon.awssdk.services.ecs.model.EcsException;

/// How much there may be and how fast it may be asked for, as `gantry up` was told.
@Tag("docker")
@ExtendWith(SharedGantry.class)
class LimitsTest {
  /// More calls than any bucket of AWS's holds.
  private static final int MANY = 500;

  private final Engine engine;

  LimitsTest(Engine engine) {
    this.engine = engine;
  }

  @Test
  void quotasAreThoseOfTheCommandLine() throws Exception {
    try (GantryProcess gantry =
            GantryProcess.up(
                engine,
                "--no-agent",
                "--quota",
                "clusters-per-account=2",
                "--quota",
                "log-groups=1");
        AwsClients clients = AwsClients.of(gantry)) {
      clients.ecs().createCluster(request -> request.clusterName("a"));
      clients.ecs().createCluster(request -> request.clusterName("b"));
      assertThatThrownBy(() -> clients.ecs().createCluster(request -> request.clusterName("c")))
          .isInstanceOf(ClientException.class)
          .hasMessageContaining("The maximum number of clusters in this account and region, 2,");
      clients.logs().createLogGroup(request -> request.logGroupName("a"));
      assertThatThrownBy(() -> clients.logs().createLogGroup(request -> request.logGroupName("b")))
          .isInstanceOf(LimitExceededException.class);
    }
  }

  @Test
  void anSdkThatRetriesGetsThroughTheThrottle() throws Exception {
    try (GantryProcess gantry = GantryProcess.up(engine, "--no-agent", "--throttle")) {
      try (EcsClient once = client(gantry, AwsRetryStrategy.doNotRetry(), new Attempts())) {
        @Nullable EcsException refused = null;
        for (int i = 0; i < MANY && refused == null; i++) {
          refused =
              catchThrowableOfType(
                  EcsException.class,
                  () -> once.createCluster(request -> request.clusterName("a")));
        }
        EcsException throttled = Objects.requireNonNull(refused, "never throttled");
        AwsErrorDetails details = throttled.awsErrorDetails();
        assertThat(details.errorCode()).isEqualTo("ThrottlingException");
        assertThat(details.errorMessage()).isEqualTo("Rate exceeded");
        assertThat(throttled.statusCode()).isEqualTo(400);
        assertThat(throttled.isThrottlingException()).isTrue();
        // Reading has a bucket of its own.
        assertThat(once.listClusters(request -> {}).clusterArns()).hasSize(1);
      }
      Attempts attempts = new Attempts();
      RetryStrategy patient =
          AwsRetryStrategy.standardRetryStrategy().toBuilder().maxAttempts(10).build();
      try (EcsClient retrying = client(gantry, patient, attempts)) {
        int calls = 0;
        while (attempts.count.get() == calls && calls < MANY) {
          retrying.createCluster(request -> request.clusterName("a"));
          calls++;
        }
        assertThat(attempts.count).as("attempts of %s calls", calls).hasValueGreaterThan(calls);
      }
    }
  }

  /// Counts what really goes over the wire.
  private static final class Attempts implements ExecutionInterceptor {
    private final AtomicInteger count = new AtomicInteger();

    @Override
    public void beforeTransmission(
        Context.BeforeTransmission context, ExecutionAttributes attributes) {
      count.incrementAndGet();
    }
  }

  private static EcsClient client(
      GantryProcess gantry, RetryStrategy strategy, ExecutionInterceptor interceptor)
      throws IOException {
    return EcsClient.builder()
        .endpointOverride(gantry.endpoint())
        .region(AwsClients.REGION)
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(gantry.key().accessKeyId(), gantry.key().secret())))
        .overrideConfiguration(configuration ->
            configuration.retryStrategy(strategy).addExecutionInterceptor(interceptor))
        .build();
  }
}
