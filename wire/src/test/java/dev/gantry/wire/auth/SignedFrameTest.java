package dev.gantry.wire.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.wire.Headers;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.auth.CredentialResolver.Resolution;
import dev.gantry.wire.auth.SignedFrame.MalformedFrameException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignedFrameTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final String QUERY =
      "agentVersion=1.105.1&cluster=default&dockerVersion=DockerVersion%3A+20.10.24%2Bdfsg1";
  private static final Principal ROOT = new Principal("1", "arn");

  private final SigV4Verifier verifier =
      new SigV4Verifier((key, token) -> new Resolution.Known(ROOT, "secret"));

  private static RequestHead upgrade() {
    Headers headers =
        new SigV4Signer()
            .sign(
                "GET",
                "/tcs/ws",
                QUERY,
                Headers.of("Host", "localhost:4566"),
                new byte[0],
                Credentials.of("AKIA", "secret"),
                "us-east-1",
                "ecs",
                NOW);
    // What the upgrade needs besides is not signed.
    return new RequestHead("GET", "/tcs/ws", QUERY, headers.with("Upgrade", "websocket"), "test");
  }

  private static SignedFrame frame(String body) {
    return new SignedFrame(
        new SigV4Signer()
            .sign(
                "GET",
                "/tcs/ws",
                QUERY,
                Headers.of("Host", "localhost:4566"),
                body.getBytes(StandardCharsets.UTF_8),
                Credentials.of("AKIA", "secret"),
                "us-east-1",
                "ecs",
                NOW),
        body);
  }

  @Test
  void theUpgradeIsVerifiedLikeARequest() {
    assertThat(upgrade().headers().first("Authorization"))
        .contains("SignedHeaders=host;x-amz-date,");
    assertThat(verifier.verify(upgrade(), new byte[0], NOW))
        .isEqualTo(new Verdict.Verified(ROOT, "us-east-1", "ecs"));
  }

  @Test
  void aFrameIsVerifiedOverTheUrlOfItsSocket() {
    SignedFrame frame = frame("{\"type\":\"PublishMetricsRequest\",\"message\":{}}");
    SignedFrame received = SignedFrame.split(frame.text());

    assertThat(received.body()).isEqualTo(frame.body());
    assertThat(verifier.verifyFrame(upgrade(), received, NOW))
        .isEqualTo(new Verdict.Verified(ROOT, "us-east-1", "ecs"));
    assertThat(
            verifier.verifyFrame(
                upgrade(), new SignedFrame(received.headers(), received.body() + " "), NOW))
        .isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void cutsAtTheFirstEmptyLineOnly() {
    SignedFrame frame = SignedFrame.split("Host: h\r\nX-Amz-Date:d \r\n\r\n{}\r\n\r\nrest");
    assertThat(frame.headers().first("host")).isEqualTo("h");
    assertThat(frame.headers().first("X-Amz-Date")).isEqualTo("d");
    assertThat(frame.body()).isEqualTo("{}\r\n\r\nrest");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{}", "Host: h\r\n{}", "no field\r\n\r\n{}", ": v\r\n\r\n{}", "\r\n\r\n"})
  void refusesWhatIsNoFrame(String message) {
    assertThatThrownBy(() -> SignedFrame.split(message))
        .isInstanceOf(MalformedFrameException.class);
  }

  @Test
  void refusesHeaderBlocksWithoutEnd() {
    assertThatThrownBy(
            () -> SignedFrame.split("A: " + "x".repeat(SignedFrame.MAX_HEADER_LENGTH) + "\r\n\r\n"))
        .isInstanceOf(MalformedFrameException.class);
    assertThatThrownBy(
            () -> SignedFrame.split("A: b\r\n".repeat(SignedFrame.MAX_HEADER_LINES + 1) + "\r\n"))
        .isInstanceOf(MalformedFrameException.class);
  }
}
