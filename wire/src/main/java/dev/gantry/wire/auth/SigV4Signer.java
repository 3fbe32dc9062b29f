package dev.gantry.wire.auth;

import dev.gantry.wire.Headers;
import dev.gantry.wire.Headers.Header;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Signs requests with AWS Signature Version 4, as a client does.
///
/// Made once and shared; safe for many threads. WebSocket upgrades are signed like requests: pass
/// `Host` alone, so that only it and the date are signed, as the Amazon ECS agent does.
public final class SigV4Signer {
  /// Headers that something between client and server may change, so they are not signed.
  private static final List<String> UNSIGNED =
      List.of(
          "authorization",
          "connection",
          "expect",
          "transfer-encoding",
          "upgrade",
          "user-agent",
          "x-amzn-trace-id");

  private final SignatureEngine engine = new SignatureEngine();

  /// Signs one request.
  ///
  /// @param method the HTTP method
  /// @param path the path as it will be sent, percent-encoded
  /// @param query the query as it will be sent, or null
  /// @param headers the headers as they will be sent; `Host` must be among them, `X-Amz-Date`,
  ///   `X-Amz-Security-Token` and `Authorization` must not
  /// @param payload the body
  /// @param credentials whose signature it is
  /// @param region the region of the scope
  /// @param service the service's signing name
  /// @param now the moment to sign for, cut to the second
  /// @return the given headers, `X-Amz-Date`, `X-Amz-Security-Token` if there is a token, and
  ///   `Authorization`
  /// @throws IllegalArgumentException if `Host` is missing
  public Headers sign(
      String method,
      String path,
      @Nullable String query,
      Headers headers,
      byte[] payload,
      Credentials credentials,
      String region,
      String service,
      Instant now) {
    return sign(
        method,
        path,
        query,
        headers,
        payload,
        credentials,
        region,
        service,
        now,
        SigningRules.STANDARD);
  }

  /// Signs one request for a service with its own rules.
  ///
  /// @see #sign(String, String, String, Headers, byte[], Credentials, String, String, Instant)
  public Headers sign(
      String method,
      String path,
      @Nullable String query,
      Headers headers,
      byte[] payload,
      Credentials credentials,
      String region,
      String service,
      Instant now,
      SigningRules rules) {
    if (headers.first("Host") == null) {
      throw new IllegalArgumentException("a signature covers the Host header, which is missing");
    }
    String timestamp = AmzDate.format(now);
    List<Header> fields = new ArrayList<>(headers.fields());
    fields.add(new Header("X-Amz-Date", timestamp));
    if (credentials.sessionToken() != null) {
      fields.add(new Header("X-Amz-Security-Token", credentials.sessionToken()));
    }
    Headers toSign = Headers.of(fields);
    String signedHeaders = signedHeaders(fields);
    SignatureEngine.Scope scope =
        new SignatureEngine.Scope(AmzDate.day(timestamp), region, service);
    byte[] signature =
        engine.signature(
            new SignatureEngine.Subject(
                method,
                path,
                query,
                "",
                toSign,
                signedHeaders,
                payload,
                rules.unsignedPayload() ? headers.first("X-Amz-Content-Sha256") : null,
                rules),
            scope,
            timestamp,
            credentials.secret());
    return toSign.with(
        "Authorization",
        SignatureEngine.ALGORITHM
            + " Credential="
            + credentials.accessKeyId()
            + "/"
            + scope.text()
            + ", SignedHeaders="
            + signedHeaders
            + ", Signature="
            + new String(signature, StandardCharsets.US_ASCII));
  }

  private static String signedHeaders(List<Header> fields) {
    return String.join(
        ";",
        fields.stream()
            .map(field -> field.name().toLowerCase(Locale.ROOT))
            .filter(name -> !UNSIGNED.contains(name))
            .sorted()
            .distinct()
            .toList());
  }
}
