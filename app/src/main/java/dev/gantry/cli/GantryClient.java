package dev.gantry.cli;

import dev.gantry.agent.link.HttpClients;
import dev.gantry.home.RootKey;
import dev.gantry.wire.Headers;
import dev.gantry.wire.auth.Credentials;
import dev.gantry.wire.client.AwsClient;
import dev.gantry.wire.client.ClientRequest;
import dev.gantry.wire.shape.Operation;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// A client of a Gantry, for the commands: signs as an AWS SDK does and blocks for the answer.
///
/// Refusals come as [dev.gantry.wire.shape.ServiceException]; everything that keeps a call from
/// being answered as [Unreachable]. Nothing is retried: the caller knows whether it asks again
/// anyway.
final class GantryClient implements AutoCloseable {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final Duration CALL_LIMIT = Duration.ofSeconds(20);

  /// More than the largest page of any operation.
  private static final long MAX_RESPONSE_BYTES = 16L << 20;

  private final AwsClient aws = new AwsClient();
  private final HttpClient http;
  private final URI endpoint;
  private final Credentials credentials;

  GantryClient(URI endpoint, RootKey key) {
    this.endpoint = endpoint;
    this.http = HttpClients.builder(endpoint).connectTimeout(CONNECT_LIMIT).build();
    this.credentials = Credentials.of(key.accessKeyId(), key.secret());
  }

  /// A call got no answer.
  static final class Unreachable extends IOException {
    private static final long serialVersionUID = 1L;

    Unreachable(URI endpoint, IOException cause) {
      super(
          endpoint
              + " does not answer: "
              + (cause.getMessage() == null
                  ? cause.getClass().getSimpleName()
                  : cause.getMessage()),
          cause);
    }
  }

  /// Calls in the default region.
  <I, O> O call(Operation<I, O> operation, I input) throws Unreachable, InterruptedException {
    return call(operation, input, EnvironmentScript.REGION);
  }

  /// Calls in a region.
  ///
  /// @throws dev.gantry.wire.shape.ServiceException if the service refuses
  /// @throws Unreachable if there is no answer, or one that is none
  <I, O> O call(Operation<I, O> operation, I input, String region)
      throws Unreachable, InterruptedException {
    ClientRequest request =
        aws.request(operation, input, endpoint, credentials, region, Instant.now());
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(request.uri())
            .timeout(CALL_LIMIT)
            .method(request.method(), HttpRequest.BodyPublishers.ofByteArray(request.body()));
    for (Headers.Header header : request.headers().fields()) {
      // The JDK's client writes Host itself, and the same.
      if (!header.name().equalsIgnoreCase("Host")) {
        builder.header(header.name(), header.value());
      }
    }
    HttpResponse<byte[]> response;
    try {
      response =
          http.send(
              builder.build(),
              BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_RESPONSE_BYTES));
    } catch (IOException failure) {
      throw new Unreachable(endpoint, failure);
    }
    List<Headers.Header> headers = new ArrayList<>();
    response
        .headers()
        .map()
        .forEach((name, values) ->
            values.forEach(value -> headers.add(new Headers.Header(name, value))));
    return aws.output(operation, response.statusCode(), Headers.of(headers), response.body());
  }

  /// Lets go of the connections.
  @Override
  public void close() {
    http.shutdownNow();
  }
}
