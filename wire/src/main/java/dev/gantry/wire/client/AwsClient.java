package dev.gantry.wire.client;

import dev.gantry.wire.Headers;
import dev.gantry.wire.auth.Credentials;
import dev.gantry.wire.auth.SigV4Signer;
import dev.gantry.wire.auth.SignedFrame;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.json.MalformedInputException;
import dev.gantry.wire.shape.Operation;
import dev.gantry.wire.shape.ServiceException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/// Calls AWS JSON operations as an AWS SDK does, short of sending anything.
///
/// Who uses it brings the transport, the time and the retries. Made once and shared; safe for many
/// threads.
public final class AwsClient {
  /// The most of an error's text that is taken over.
  public static final int MAX_ERROR_TEXT = 4_096;

  private static final int MAX_ERROR_DEPTH = 64;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(MAX_ERROR_DEPTH).build())
          .build();

  private final SigV4Signer signer = new SigV4Signer();

  /// A client.
  public AwsClient() {}

  /// The signed request for one call.
  ///
  /// @param operation what to ask
  /// @param input the operation's input record
  /// @param endpoint the server, as `http://127.0.0.1:4566`; an empty path is `/`
  /// @param credentials who asks
  /// @param region the region to ask in
  /// @param now the moment to sign for
  public <I> ClientRequest request(
      Operation<I, ?> operation,
      I input,
      URI endpoint,
      Credentials credentials,
      String region,
      Instant now) {
    byte[] body = AwsJson.encode(operation.input(), input);
    String path =
        endpoint.getRawPath() == null || endpoint.getRawPath().isEmpty()
            ? "/"
            : endpoint.getRawPath();
    Headers headers =
        signer.sign(
            "POST",
            path,
            endpoint.getRawQuery(),
            Headers.of(
                "Host",
                host(endpoint),
                "Content-Type",
                "application/x-amz-json-" + operation.service().jsonVersion(),
                "X-Amz-Target",
                operation.service().targetPrefix() + "." + operation.name()),
            body,
            credentials,
            region,
            operation.service().signingName(),
            now);
    return new ClientRequest(
        "POST",
        path.equals(endpoint.getRawPath()) ? endpoint : endpoint.resolve(path),
        headers,
        body);
  }

  /// The `GET` that opens a WebSocket, signed as the ECS agent signs it: over `Host` and the date.
  ///
  /// @param uri where to, with the scheme `ws` or `wss`, `http` or `https`, and its query
  /// @param service the signing name
  /// @return the headers to send besides those of the handshake itself
  public Headers upgradeHeaders(
      URI uri, String service, Credentials credentials, String region, Instant now) {
    return signedGet(uri, new byte[0], service, credentials, region, now);
  }

  /// A message of telemetry as it goes over its socket: signed like the request that opened the
  /// socket, with the message as the body.
  ///
  /// @param uri the socket's
  /// @param message its JSON
  public String signedFrame(
      URI uri,
      String message,
      String service,
      Credentials credentials,
      String region,
      Instant now) {
    byte[] body = message.getBytes(StandardCharsets.UTF_8);
    return new SignedFrame(signedGet(uri, body, service, credentials, region, now), message).text();
  }

  private Headers signedGet(
      URI uri, byte[] body, String service, Credentials credentials, String region, Instant now) {
    return signer.sign(
        "GET",
        uri.getRawPath(),
        uri.getRawQuery(),
        Headers.of("Host", host(uri)),
        body,
        credentials,
        region,
        service,
        now);
  }

  /// What a response says.
  ///
  /// @param status the HTTP status
  /// @param headers the response's headers
  /// @param body the response's body, whole
  /// @return the operation's output record
  /// @throws ServiceException if the service refused; the code is cleaned of its name space, and is
  ///   `UnknownError` when the response names none
  /// @throws MalformedInputException if a success has a body that is not the operation's output
  public <O> O output(Operation<?, O> operation, int status, Headers headers, byte[] body) {
    if (status >= 200 && status < 300) {
      return AwsJson.decode(operation.output(), body);
    }
    throw error(status, headers, body);
  }

  /// What a refusal says, in whatever of AWS's forms.
  public static ServiceException error(int status, Headers headers, byte[] body) {
    String code = headers.first("x-amzn-ErrorType");
    String text = null;
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), body)) {
      if (json.nextToken() == JsonToken.START_OBJECT) {
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
          String name = json.currentName();
          if (json.nextToken() == JsonToken.VALUE_STRING) {
            if (name.equals("__type")) {
              code = json.getString();
            } else if (name.equalsIgnoreCase("message")) {
              text = json.getString();
            }
          } else {
            json.skipChildren();
          }
        }
      }
    } catch (JacksonException _) {
      // No JSON: a proxy's page, or a connection cut short. The status still tells something.
      text = null;
    }
    return new ServiceException(clean(code), errorStatus(status), shortened(text, status, body));
  }

  private static int errorStatus(int status) {
    return status >= 400 && status < 600 ? status : 500;
  }

  /// `com.amazon.coral.service#Code:http://...` and its parts become `Code`.
  private static String clean(@Nullable String code) {
    if (code == null || code.isEmpty()) {
      return "UnknownError";
    }
    String name = code.substring(code.lastIndexOf('#') + 1);
    int colon = name.indexOf(':');
    return colon < 0 ? name : name.substring(0, colon);
  }

  private static String shortened(@Nullable String text, int status, byte[] body) {
    String all =
        text != null
            ? text
            : "HTTP status " + status + ": " + new String(body, StandardCharsets.UTF_8).strip();
    return all.length() <= MAX_ERROR_TEXT ? all : all.substring(0, MAX_ERROR_TEXT);
  }

  /// The `Host` header for a URI, as browsers, the JDK's client and AWS's agent write it: without
  /// the scheme's own port.
  private static String host(URI uri) {
    String scheme = uri.getScheme() == null ? "http" : uri.getScheme().toLowerCase(Locale.ROOT);
    boolean secure = scheme.equals("https") || scheme.equals("wss");
    int port = uri.getPort();
    return port < 0 || port == (secure ? 443 : 80) ? uri.getHost() : uri.getHost() + ":" + port;
  }
}
