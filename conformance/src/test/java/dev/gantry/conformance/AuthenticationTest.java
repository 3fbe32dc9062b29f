package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.gantry.wire.Headers;
import dev.gantry.wire.auth.Credentials;
import dev.gantry.wire.auth.SigV4Signer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.services.cloudwatchlogs.model.CloudWatchLogsException;
import software.amazon.awssdk.services.ecs.model.EcsException;

/// Requests that prove nothing get AWS's own errors, through the SDK and bare.
@Tag("docker")
@ExtendWith(SharedGantry.class)
class AuthenticationTest {
  private static final String INVALID_TOKEN =
      "The security token included in the request is invalid.";

  private final GantryProcess gantry;
  private final Engine engine;

  AuthenticationTest(GantryProcess gantry, Engine engine) {
    this.gantry = gantry;
    this.engine = engine;
  }

  @Test
  void theSdkShowsAnUnknownKey() {
    EcsException refused = refused(AwsBasicCredentials.create("AKIAIOSFODNN7EXAMPLE", "none"));
    assertThat(refused.awsErrorDetails().errorCode()).isEqualTo("UnrecognizedClientException");
    assertThat(refused.awsErrorDetails().errorMessage()).isEqualTo(INVALID_TOKEN);
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.requestId()).isNotEmpty();
  }

  @Test
  void theSdkShowsAWrongSecret() throws IOException {
    EcsException refused =
        refused(AwsBasicCredentials.create(gantry.key().accessKeyId(), "not-the-secret"));
    assertThat(refused.awsErrorDetails().errorCode()).isEqualTo("InvalidSignatureException");
    assertThat(refused.awsErrorDetails().errorMessage())
        .isEqualTo(
            "The request signature we calculated does not match the signature you provided. Check"
                + " your AWS Secret Access Key and signing method. Consult the service"
                + " documentation for details.");
  }

  @Test
  void theSdkShowsABadSessionToken() throws IOException {
    EcsException refused =
        refused(
            AwsSessionCredentials.create(
                gantry.key().accessKeyId(), gantry.key().secret(), "made-up"));
    assertThat(refused.awsErrorDetails().errorCode()).isEqualTo("UnrecognizedClientException");
    assertThat(refused.awsErrorDetails().errorMessage()).isEqualTo(INVALID_TOKEN);
  }

  @Test
  void theSdkShowsWhatIsNotImplemented() throws IOException {
    try (AwsClients clients = AwsClients.of(gantry)) {
      EcsException ecs =
          catchThrowableOfType(EcsException.class, () -> clients.ecs().listServices(request -> {}));
      assertThat(ecs.statusCode()).isEqualTo(501);
      assertThat(ecs.awsErrorDetails().errorCode()).isEqualTo("NotImplementedException");
      assertThat(ecs.awsErrorDetails().errorMessage()).contains("ListServices");
      CloudWatchLogsException logs =
          catchThrowableOfType(
              CloudWatchLogsException.class, () -> clients.logs().describeQueries(request -> {}));
      assertThat(logs.statusCode()).isEqualTo(501);
      assertThat(logs.awsErrorDetails().errorMessage()).contains("DescribeQueries");
    }
  }

  @Test
  void anOldSignatureHasExpired() throws IOException, InterruptedException {
    HttpResponse<String> answer = send(Instant.now().minus(Duration.ofMinutes(10)));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body())
        .contains("\"InvalidSignatureException\"")
        .contains("Signature expired: ")
        .contains(" is now earlier than ")
        .contains(" - 5 min.)");
    // Clients correct their clocks by this.
    assertThat(answer.headers().firstValue("Date")).isPresent();
    assertThat(answer.headers().firstValue("x-amzn-RequestId")).isPresent();
  }

  @Test
  void aSignatureOfTheFutureIsNotYetCurrent() throws IOException, InterruptedException {
    assertThat(send(Instant.now().plus(Duration.ofMinutes(10))).body())
        .contains("\"InvalidSignatureException\"")
        .contains("Signature not yet current: ")
        .contains(" is still later than ")
        .contains(" + 5 min.)");
  }

  @Test
  void aFewMinutesAreForgiven() throws IOException, InterruptedException {
    assertThat(send(Instant.now().minus(Duration.ofMinutes(4))).statusCode()).isEqualTo(200);
    assertThat(send(Instant.now().plus(Duration.ofMinutes(4))).statusCode()).isEqualTo(200);
  }

  @Test
  void anUnsignedRequestIsRefused() throws IOException, InterruptedException {
    HttpResponse<String> answer = send((Instant) null);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body())
        .contains("\"MissingAuthenticationTokenException\"")
        .contains("Missing Authentication Token");
  }

  /// `--auth any`, for throw-away CI: 12 digits are the account.
  @Test
  void anyCredentialsAreTakenIfAskedFor() throws Exception {
    try (GantryProcess open = GantryProcess.up(engine, "--auth", "any", "--no-agent");
        AwsClients clients =
            AwsClients.of(
                open.endpoint(), AwsBasicCredentials.create("123456789012", "whatever"))) {
      assertThat(open.program().err().lines())
          .anyMatch(line -> line.contains("WARNING: --auth any"));
      assertThat(
              clients
                  .ecs()
                  .createCluster(request -> request.clusterName("c"))
                  .cluster()
                  .clusterArn())
          .isEqualTo("arn:aws:ecs:us-east-1:123456789012:cluster/c");
    }
  }

  private EcsException refused(AwsCredentials credentials) {
    try (AwsClients clients = AwsClients.of(gantry.endpoint(), credentials)) {
      return catchThrowableOfType(
          EcsException.class, () -> clients.ecs().listClusters(request -> {}));
    }
  }

  /// A bare ListClusters.
  ///
  /// @param signedAt the time it is signed for, or null to leave it unsigned
  private HttpResponse<String> send(@Nullable Instant signedAt)
      throws IOException, InterruptedException {
    byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
    List<Headers.Header> fields = new ArrayList<>();
    fields.add(new Headers.Header("Host", gantry.endpoint().getAuthority()));
    fields.add(new Headers.Header("Content-Type", "application/x-amz-json-1.1"));
    fields.add(
        new Headers.Header("X-Amz-Target", "AmazonEC2ContainerServiceV20141113.ListClusters"));
    Headers headers = Headers.of(fields);
    if (signedAt != null) {
      headers =
          new SigV4Signer()
              .sign(
                  "POST",
                  "/",
                  null,
                  headers,
                  body,
                  new Credentials(gantry.key().accessKeyId(), gantry.key().secret(), null),
                  AwsClients.REGION.id(),
                  "ecs",
                  signedAt);
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(gantry.endpoint() + "/"))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    for (Headers.Header field : headers.fields()) {
      if (!field.name().equals("Host")) {
        request.header(field.name(), field.value());
      }
    }
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }
}
