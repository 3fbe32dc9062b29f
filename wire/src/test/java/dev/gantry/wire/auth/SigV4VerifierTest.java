package dev.gantry.wire.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.wire.Headers;
import dev.gantry.wire.Headers.Header;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.auth.CredentialResolver.Resolution;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What the verifier refuses, and in which words.
class SigV4VerifierTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Principal ROOT =
      new Principal("000000000000", "arn:aws:iam::000000000000:root");
  private static final byte[] BODY = "{\"cluster\":\"default\"}".getBytes(StandardCharsets.UTF_8);
  private static final String MISMATCH =
      "The request signature we calculated does not match the signature you provided. Check your AWS"
          + " Secret Access Key and signing method. Consult the service documentation for details.";
  private static final Credentials KEY = Credentials.of("AKIAEXAMPLE", "a secret");

  private final SigV4Verifier verifier =
      new SigV4Verifier((key, token) ->
          switch (key) {
            case "AKIAEXAMPLE" -> new Resolution.Known(ROOT, "a secret");
            case "ASIASESSION" ->
                token == null
                    ? new Resolution.BadToken(false)
                    : token.equals("good")
                        ? new Resolution.Known(ROOT, "session secret")
                        : new Resolution.BadToken(token.equals("old"));
            case "anybody" -> new Resolution.Trusted(ROOT);
            default -> new Resolution.UnknownKey();
          });

  private static RequestHead signed(Credentials credentials, String region, Instant when) {
    Headers headers =
        new SigV4Signer()
            .sign(
                "POST",
                "/",
                null,
                Headers.of(
                    "Host",
                    "localhost:4566",
                    "Content-Type",
                    "application/x-amz-json-1.1",
                    "X-Amz-Target",
                    "Service_1.Do"),
                BODY,
                credentials,
                region,
                "ecs",
                when);
    return new RequestHead("POST", "/", null, headers, "test");
  }

  private static RequestHead good() {
    return signed(KEY, "us-east-1", NOW);
  }

  private static RequestHead with(RequestHead head, String name, UnaryOperator<String> change) {
    List<Header> fields = new ArrayList<>();
    for (Header field : head.headers().fields()) {
      fields.add(
          field.name().equals(name)
              ? new Header(field.name(), change.apply(field.value()))
              : field);
    }
    return new RequestHead(head.method(), head.path(), head.query(), Headers.of(fields), "test");
  }

  private static RequestHead without(RequestHead head, String name) {
    return new RequestHead(
        head.method(),
        head.path(),
        head.query(),
        Headers.of(head.headers().fields().stream().filter(f -> !f.name().equals(name)).toList()),
        "test");
  }

  private static RequestHead authorized(String authorization) {
    return with(good(), "Authorization", value -> authorization);
  }

  private static RequestHead querySigned(String query) {
    return new RequestHead("GET", "/", query, Headers.of("Host", "localhost:4566"), "test");
  }

  /// A request and the answer it gets.
  record Refusal(String name, RequestHead head, String code, String message) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Refusal> refusals() {
    String incomplete = "IncompleteSignatureException";
    String invalid = "InvalidSignatureException";
    String unrecognized = "UnrecognizedClientException";
    return List.of(
        new Refusal(
            "unsigned",
            without(good(), "Authorization"),
            "MissingAuthenticationTokenException",
            "Missing Authentication Token"),
        new Refusal(
            "signed in the header and in the query",
            new RequestHead("POST", "/", "X-Amz-Algorithm", good().headers(), "test"),
            invalid,
            "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP"
                + " header."),
        new Refusal(
            "a token of another kind",
            authorized("Bearer abc"),
            incomplete,
            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with"
                + " SHA-256 and encoded with Base64):"
                + " 'w1Xc6WwWEogNEZQP/dkBTThsJT4MNlKmzQanIm970rY='."),
        new Refusal(
            "nothing of the header and no date",
            without(authorized("X"), "X-Amz-Date"),
            incomplete,
            "Authorization header requires 'Credential' parameter. Authorization header requires"
                + " 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter."
                + " Authorization header requires existence of either a 'X-Amz-Date' or a 'Date'"
                + " header. (Hashed with SHA-256 and encoded with Base64)"
                + " Authorization=S2irOEf+2n1sYsH7y+6/o16rc1HtXnj03a3qXfZLgBU="),
        new Refusal(
            "one parameter missing",
            authorized("AWS4-HMAC-SHA256 Signature=b Credential=a"),
            incomplete,
            "Authorization header requires 'SignedHeaders' parameter. (Hashed with SHA-256 and"
                + " encoded with Base64)"
                + " Authorization=sH5IkJOcsh5d7VuhJm+8loFuX57hKXy/JERdf+hLaTk="),
        new Refusal(
            "query parameters missing",
            querySigned("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a"),
            incomplete,
            "AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string"
                + " parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must"
                + " include 'X-Amz-Date'. Re-examine the query-string parameters."),
        new Refusal(
            "a lifetime of more than seven days",
            querySigned(
                "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Signature=b"
                    + "&X-Amz-SignedHeaders=host&X-Amz-Date=20260301T120000Z&X-Amz-Expires=604801"),
            incomplete,
            "X-Amz-Expires must be a number of seconds between 1 and 604800. Re-examine the"
                + " query-string parameters."),
        new Refusal(
            "a date in another form",
            with(good(), "X-Amz-Date", date -> "Sun, 01 Mar 2026 12:00:00 GMT"),
            incomplete,
            "Date must be in ISO-8601 'basic format'. Got 'Sun, 01 Mar 2026 12:00:00 GMT'. See"
                + " http://en.wikipedia.org/wiki/ISO_8601"),
        new Refusal(
            "a date that no calendar has",
            with(good(), "X-Amz-Date", date -> "20260231T120000Z"),
            incomplete,
            "Date must be in ISO-8601 'basic format'. Got '20260231T120000Z'. See"
                + " http://en.wikipedia.org/wiki/ISO_8601"),
        new Refusal(
            "signed more than five minutes ago",
            signed(KEY, "us-east-1", NOW.minusSeconds(301)),
            invalid,
            "Signature expired: 20260301T115459Z is now earlier than 20260301T115500Z"
                + " (20260301T120000Z - 5 min.)"),
        new Refusal(
            "signed more than five minutes ahead",
            signed(KEY, "us-east-1", NOW.plusSeconds(301)),
            invalid,
            "Signature not yet current: 20260301T120501Z is still later than 20260301T120500Z"
                + " (20260301T120000Z + 5 min.)"),
        new Refusal(
            "the host not signed",
            with(good(), "Authorization", value -> value.replace(";host;", ";")),
            invalid,
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."),
        new Refusal("the host signed and not sent", without(good(), "Host"), invalid, MISMATCH),
        new Refusal(
            "another host", with(good(), "Host", value -> "localhost:4567"), invalid, MISMATCH),
        new Refusal(
            "the operation not signed",
            with(good(), "Authorization", value -> value.replace(";x-amz-target", "")),
            invalid,
            "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization."),
        new Refusal(
            "the date not signed",
            with(good(), "Authorization", value -> value.replace(";x-amz-date", "")),
            invalid,
            "'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization."),
        new Refusal(
            "another algorithm",
            with(good(), "Authorization", value -> value.replace("SHA256", "SHA1")),
            incomplete,
            "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1' (only AWS4-HMAC-SHA256 for now). "),
        new Refusal(
            "a credential of two parts",
            with(
                good(),
                "Authorization",
                value -> value.replace("/20260301/us-east-1/ecs/aws4_request", "/20260301")),
            incomplete,
            "Credential must have exactly 5 slash-delimited elements, e.g."
                + " keyid/date/region/service/term, got 'AKIAEXAMPLE/20260301'"),
        new Refusal(
            "a slash in the key id",
            with(good(), "Authorization", value -> value.replace("AKIAEXAMPLE", "AKIA/EXAMPLE")),
            incomplete,
            "Credential must have exactly 5 slash-delimited elements, e.g."
                + " keyid/date/region/service/term, got"
                + " 'AKIA/EXAMPLE/20260301/us-east-1/ecs/aws4_request'"),
        new Refusal(
            "everything wrong with the scope",
            with(
                good(),
                "Authorization",
                value ->
                    value.replace(
                        "/20260301/us-east-1/ecs/aws4_request", "/20260302/US/logs/aws5_request")),
            invalid,
            "Credential should be scoped to a valid region, not 'US'. Credential should be scoped to"
                + " correct service: 'ecs'. Credential should be scoped with a valid terminator:"
                + " 'aws4_request', not 'aws5_request'. Date in Credential scope does not match"
                + " YYYYMMDD from ISO-8601 version of date from HTTP: '20260302' != '20260301', from"
                + " '20260301T120000Z'."),
        new Refusal(
            "the wrong service",
            with(good(), "Authorization", value -> value.replace("/ecs/", "/logs/")),
            invalid,
            "Credential should be scoped to correct service: 'ecs'. "),
        new Refusal(
            "an unknown key",
            signed(Credentials.of("AKIANOBODY", "a secret"), "us-east-1", NOW),
            unrecognized,
            "The security token included in the request is invalid."),
        new Refusal(
            "another secret",
            signed(Credentials.of("AKIAEXAMPLE", "A secret"), "us-east-1", NOW),
            invalid,
            MISMATCH),
        new Refusal(
            "a session without its token",
            signed(Credentials.of("ASIASESSION", "session secret"), "us-east-1", NOW),
            unrecognized,
            "The security token included in the request is invalid."),
        new Refusal(
            "a session with another token",
            signed(new Credentials("ASIASESSION", "session secret", "bad"), "us-east-1", NOW),
            unrecognized,
            "The security token included in the request is invalid."),
        new Refusal(
            "a session that is over",
            signed(new Credentials("ASIASESSION", "session secret", "old"), "us-east-1", NOW),
            "ExpiredTokenException",
            "The security token included in the request is expired"));
  }

  @ParameterizedTest
  @MethodSource
  void refusals(Refusal refusal) {
    Verdict verdict = verifier.verify(refusal.head, BODY, NOW, "ecs");

    assertThat(verdict).isInstanceOf(Verdict.Refused.class);
    AuthError error = ((Verdict.Refused) verdict).error();
    assertThat(error.code()).isEqualTo(refusal.code);
    assertThat(error.message()).isEqualTo(refusal.message);
    assertThat(error.status()).isEqualTo(400);
  }

  @Test
  void believesARequestAtBothEndsOfTheAllowedSkew() {
    for (long seconds : new long[] {-300, 0, 300}) {
      RequestHead head = signed(KEY, "eu-north-1", NOW.plusSeconds(seconds));
      assertThat(verifier.verify(head, BODY, NOW, "ecs"))
          .isEqualTo(new Verdict.Verified(ROOT, "eu-north-1", "ecs"));
    }
  }

  @Test
  void believesASessionWithItsToken() {
    RequestHead head =
        signed(new Credentials("ASIASESSION", "session secret", "good"), "us-east-1", NOW);
    assertThat(verifier.verify(head, BODY, NOW)).isInstanceOf(Verdict.Verified.class);
  }

  @Test
  void takesAnySignatureAndAnyClockOfATrustedKeyButNotAnyForm() {
    RequestHead head =
        signed(Credentials.of("anybody", "whatever"), "us-east-1", NOW.minusSeconds(86_400));
    assertThat(verifier.verify(head, BODY, NOW, "ecs"))
        .isEqualTo(new Verdict.Verified(ROOT, "us-east-1", "ecs"));
    assertThat(verifier.verify(head, BODY, NOW, "logs")).isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void doesNotBelieveAnUnsignedPayload() {
    Headers headers =
        new SigV4Signer()
            .sign(
                "POST",
                "/",
                null,
                Headers.of("Host", "h", "X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"),
                BODY,
                KEY,
                "us-east-1",
                "s3",
                NOW,
                SigningRules.OBJECT_STORE);
    RequestHead head = new RequestHead("POST", "/", null, headers, "test");

    assertThat(verifier.verify(head, BODY, NOW)).isInstanceOf(Verdict.Refused.class);
    assertThat(verifier.verify(head, BODY, NOW, "s3", SigningRules.OBJECT_STORE))
        .isInstanceOf(Verdict.Verified.class);
  }

  /// Every single character of everything that is signed, and of the signature itself, counts.
  @Test
  void refusesEveryChangedCharacter() {
    String query = "Action=List&Empty=&Name=a%20b";
    Headers headers =
        new SigV4Signer()
            .sign(
                "POST",
                "/v1/things",
                query,
                Headers.of("Host", "localhost:4566", "X-Amz-Target", "Service_1.Do"),
                BODY,
                KEY,
                "us-east-1",
                "ecs",
                NOW);
    RequestHead head = new RequestHead("POST", "/v1/things", query, headers, "test");
    assertThat(verifier.verify(head, BODY, NOW)).isInstanceOf(Verdict.Verified.class);

    List<RequestHead> changed = new ArrayList<>();
    changes("POST", s -> changed.add(new RequestHead(s, "/v1/things", query, headers, "test")));
    changes(
        "v1/things", s -> changed.add(new RequestHead("POST", "/" + s, query, headers, "test")));
    changes(query, s -> changed.add(new RequestHead("POST", "/v1/things", s, headers, "test")));
    for (Header field : headers.fields()) {
      changes(field.value(), s -> changed.add(with(head, field.name(), old -> s)));
    }
    assertThat(changed).hasSizeGreaterThan(250);
    for (RequestHead other : changed) {
      assertThat(verifier.verify(other, BODY, NOW))
          .as("%s %s?%s %s", other.method(), other.path(), other.query(), other.headers().fields())
          .isInstanceOf(Verdict.Refused.class);
    }
    for (int i = 0; i < BODY.length; i++) {
      byte[] body = BODY.clone();
      body[i] ^= 1;
      assertThat(verifier.verify(head, body, NOW)).isInstanceOf(Verdict.Refused.class);
    }
  }

  private static void changes(String text, Consumer<String> use) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      char other = c == 'x' ? 'y' : 'x';
      use.accept(text.substring(0, i) + other + text.substring(i + 1));
    }
  }

  @Test
  void secretsAreNotPrinted() {
    assertThat(new Credentials("AKIA", "the secret", "the token").toString())
        .doesNotContain("secret")
        .doesNotContain("token");
    assertThat(new Resolution.Known(ROOT, "the secret").toString()).doesNotContain("the secret");
  }
}
