package dev.gantry.wire.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.wire.Headers;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.auth.CredentialResolver.Resolution;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.NotEmpty;

/// Whatever the signer signs the verifier believes, and no other secret would do.
class SigV4RoundTripTest {
  @Property(tries = 300)
  void whatIsSignedIsBelieved(
      @ForAll @AlphaChars @Chars({'/', '.', '%', '~', '+', ' ', 'é'}) String path,
      @ForAll @AlphaChars @Chars({'&', '=', '%', '2', 'F', '+', ';', 'ö'}) String query,
      @ForAll @AlphaChars @Chars({' ', '\t', ',', '"'}) String value,
      @ForAll String body,
      @ForAll @NotEmpty String secret,
      @ForAll @LongRange(min = 0, max = 4_102_444_800L) long epochSecond) {
    Instant now = Instant.ofEpochSecond(epochSecond);
    byte[] octets = body.getBytes(StandardCharsets.UTF_8);
    Headers signed =
        new SigV4Signer()
            .sign(
                "POST",
                "/" + path,
                query,
                Headers.of("Host", "localhost", "X-Thing", value, "x-thing", "more"),
                octets,
                Credentials.of("AKIA", secret),
                "us-east-1",
                "logs",
                now);
    RequestHead head = new RequestHead("POST", "/" + path, query, signed, "test");
    Principal principal = new Principal("1", "arn");

    assertThat(
            new SigV4Verifier((key, token) -> new Resolution.Known(principal, secret))
                .verify(head, octets, now))
        .isEqualTo(new Verdict.Verified(principal, "us-east-1", "logs"));
    assertThat(
            new SigV4Verifier((key, token) -> new Resolution.Known(principal, secret + "x"))
                .verify(head, octets, now))
        .isInstanceOf(Verdict.Refused.class);
  }
}
