package dev.gantry.agent.link;

import dev.gantry.wire.Headers;
import dev.gantry.wire.auth.Credentials;
import dev.gantry.wire.auth.SigV4Signer;
import dev.gantry.wire.auth.SignedFrame;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;

/// Signs telemetry frames: SigV4 over GET, the socket's own address and the JSON (agent-protocol
/// 2).
final class SignedFrames {
  private static final int HTTPS_PORT = 443;
  private static final int HTTP_PORT = 80;

  private SignedFrames() {}

  static String sign(
      SigV4Signer signer,
      URI uri,
      String json,
      Credentials credentials,
      String region,
      String service,
      Instant now) {
    Headers headers =
        signer.sign(
            "GET",
            uri.getRawPath(),
            uri.getRawQuery(),
            Headers.of("Host", host(uri)),
            json.getBytes(StandardCharsets.UTF_8),
            credentials,
            region,
            service,
            now);
    return new SignedFrame(headers, json).text();
  }

  private static String host(URI uri) {
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    int usual = scheme.equals("wss") || scheme.equals("https") ? HTTPS_PORT : HTTP_PORT;
    int port = uri.getPort();
    return port < 0 || port == usual ? uri.getHost() : uri.getHost() + ":" + port;
  }
}
