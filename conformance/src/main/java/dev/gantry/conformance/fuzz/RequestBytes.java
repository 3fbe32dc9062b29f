package dev.gantry.conformance.fuzz;

import dev.gantry.wire.Headers;
import dev.gantry.wire.Headers.Header;
import dev.gantry.wire.auth.Credentials;
import dev.gantry.wire.auth.SigV4Signer;
import dev.gantry.wire.shape.Operation;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Properly signed requests as the bytes that go over the wire.
final class RequestBytes {
  static final String REGION = "us-east-1";

  private final SigV4Signer signer = new SigV4Signer();
  private final Credentials key;
  private final String host;

  RequestBytes(Credentials key, String host) {
    this.key = key;
    this.host = host;
  }

  /// The `Host` of every request.
  String host() {
    return host;
  }

  /// The fields of a signed call of an operation, `Content-Length` left out.
  List<Header> fields(Operation<?, ?> operation, byte[] body) {
    return sign(
        "POST",
        "/",
        null,
        List.of(
            new Header(
                "Content-Type", "application/x-amz-json-" + operation.service().jsonVersion()),
            new Header(
                "X-Amz-Target", operation.service().targetPrefix() + "." + operation.name())),
        body,
        operation.service().signingName());
  }

  /// A signed call of an operation.
  byte[] call(Operation<?, ?> operation, byte[] body) {
    return bytes("POST / HTTP/1.1", fields(operation, body), body);
  }

  /// The fields of any signed request.
  List<Header> sign(
      String method,
      String path,
      @Nullable String query,
      List<Header> fields,
      byte[] body,
      String service) {
    Headers headers = Headers.of("Host", host);
    for (Header field : fields) {
      headers = headers.with(field.name(), field.value());
    }
    return signer
        .sign(method, path, query, headers, body, key, REGION, service, Instant.now())
        .fields();
  }

  /// A request with its length.
  static byte[] bytes(String line, List<Header> fields, byte[] body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512 + body.length);
    put(out, line + "\r\n");
    for (Header field : fields) {
      put(out, field.name() + ": " + field.value() + "\r\n");
    }
    put(out, "Content-Length: " + body.length + "\r\n\r\n");
    out.writeBytes(body);
    return out.toByteArray();
  }

  private static void put(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
