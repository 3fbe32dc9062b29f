package dev.gantry.wire.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.gantry.wire.Headers;
import dev.gantry.wire.Headers.Header;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.auth.CredentialResolver.Resolution;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// AWS's own published signatures: the general test suite (`aws-sig-v4-test-suite`, key
/// AKIDEXAMPLE) and the examples of the S3 API reference (key AKIAIOSFODNN7EXAMPLE). Each must come
/// out of the signer and be accepted by the verifier.
class SigV4VectorsTest {
  private static final String UNRESERVED =
      "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final String SUITE_TOKEN =
      "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPf"
          + "IeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQ"
          + "DYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBA"
          + "z+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

  /// One request of the suite. The path and query are as sent.
  record Vector(
      String name,
      String method,
      String path,
      String query,
      List<Header> headers,
      String body,
      String token,
      String signature) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Vector get(String name, String path, String query, String signature) {
    return new Vector(name, "GET", path, query, List.of(), "", "", signature);
  }

  static List<Vector> suite() {
    String vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    return List.of(
        get("get-vanilla", "/", "", vanilla),
        get("get-relative", "/example/..", "", vanilla),
        get("get-relative-relative", "/example1/example2/../..", "", vanilla),
        get("get-slash", "//", "", vanilla),
        get("get-slash-dot-slash", "/./", "", vanilla),
        get(
            "get-slashes",
            "//example//",
            "",
            "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
        get(
            "get-slash-pointless-dot",
            "/./example",
            "",
            "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"),
        get(
            "get-space",
            "/example space/",
            "",
            "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"),
        get(
            "get-utf8",
            "/ሴ",
            "",
            "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
        get(
            "get-unreserved",
            "/" + UNRESERVED,
            "",
            "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
        get(
            "get-vanilla-empty-query-key",
            "/",
            "Param1=value1",
            "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"),
        get(
            "get-vanilla-query-order-key-case",
            "/",
            "Param2=value2&Param1=value1",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        get(
            "get-vanilla-query-unreserved",
            "/",
            UNRESERVED + "=" + UNRESERVED,
            "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"),
        get(
            "get-vanilla-utf8-query",
            "/",
            "ሴ=bar",
            "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
        new Vector(
            "get-header-value-trim",
            "GET",
            "/",
            "",
            List.of(
                new Header("My-Header1", " value1"), new Header("My-Header2", " \"a   b   c\"")),
            "",
            "",
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
        new Vector(
            "get-header-value-order",
            "GET",
            "/",
            "",
            List.of(
                new Header("My-Header1", "value4"),
                new Header("My-Header1", "value1"),
                new Header("My-Header1", "value3"),
                new Header("My-Header1", "value2")),
            "",
            "",
            "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"),
        new Vector(
            "post-vanilla",
            "POST",
            "/",
            "",
            List.of(),
            "",
            "",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        new Vector(
            "post-vanilla-query",
            "POST",
            "/",
            "Param1=value1",
            List.of(),
            "",
            "",
            "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"),
        new Vector(
            "post-header-key-sort",
            "POST",
            "/",
            "",
            List.of(new Header("My-Header1", "value1")),
            "",
            "",
            "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"),
        new Vector(
            "post-header-value-case",
            "POST",
            "/",
            "",
            List.of(new Header("My-Header1", "VALUE1")),
            "",
            "",
            "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"),
        new Vector(
            "post-x-www-form-urlencoded",
            "POST",
            "/",
            "",
            List.of(new Header("Content-Type", "application/x-www-form-urlencoded")),
            "Param1=value1",
            "",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
        new Vector(
            "post-sts-header-before",
            "POST",
            "/",
            "",
            List.of(),
            "",
            SUITE_TOKEN,
            "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"));
  }

  @ParameterizedTest
  @MethodSource
  void suite(Vector vector) {
    String secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    Instant now = Instant.parse("2015-08-30T12:36:00Z");
    List<Header> fields = new ArrayList<>();
    fields.add(new Header("Host", "example.amazonaws.com"));
    fields.addAll(vector.headers);
    byte[] body = vector.body.getBytes(StandardCharsets.UTF_8);

    Headers signed =
        new SigV4Signer()
            .sign(
                vector.method,
                vector.path,
                vector.query,
                Headers.of(fields),
                body,
                new Credentials(
                    "AKIDEXAMPLE", secret, vector.token.isEmpty() ? null : vector.token),
                "us-east-1",
                "service",
                now);

    assertThat(signed.first("Authorization")).endsWith("Signature=" + vector.signature);
    Principal principal = new Principal("000000000000", "arn:aws:iam::000000000000:root");
    assertThat(
            new SigV4Verifier((key, token) -> new Resolution.Known(principal, secret))
                .verify(
                    new RequestHead(vector.method, vector.path, vector.query, signed, "test"),
                    body,
                    now))
        .isEqualTo(new Verdict.Verified(principal, "us-east-1", "service"));
  }

  /// Its signature would be good for every server.
  @Test
  void aRequestForNoHostIsNotSigned() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new SigV4Signer()
                .sign(
                    "POST",
                    "/",
                    null,
                    Headers.of("X-Amz-Target", "Service_1.Do"),
                    new byte[0],
                    Credentials.of("AKIDEXAMPLE", "a secret"),
                    "us-east-1",
                    "service",
                    S3_NOW))
        .withMessageContaining("Host");
  }

  private static final String S3_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  private static final Instant S3_NOW = Instant.parse("2013-05-24T00:00:00Z");

  private static Verdict verifyS3(RequestHead head) {
    return new SigV4Verifier(
            (key, token) -> new Resolution.Known(new Principal("1", "arn"), S3_SECRET))
        .verify(head, new byte[0], S3_NOW, "s3", SigningRules.OBJECT_STORE);
  }

  /// S3 API reference, "Signature Calculations for the Authorization Header", GET Object.
  @Test
  void objectStoreHeader() {
    String empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assertThat(
            verifyS3(
                new RequestHead(
                    "GET",
                    "/test.txt",
                    null,
                    Headers.of(
                        "Host",
                        "examplebucket.s3.amazonaws.com",
                        "Range",
                        "bytes=0-9",
                        "x-amz-content-sha256",
                        empty,
                        "x-amz-date",
                        "20130524T000000Z",
                        "Authorization",
                        "AWS4-HMAC-SHA256"
                            + " Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                            + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
                            + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
                    "test")))
        .isInstanceOf(Verdict.Verified.class);
  }

  /// S3 API reference, "Authenticating Requests: Using Query Parameters".
  @Test
  void objectStoreQuery() {
    assertThat(
            verifyS3(
                new RequestHead(
                    "GET",
                    "/test.txt",
                    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524"
                        + "%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
                        + "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                        + "&X-Amz-Signature="
                        + "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
                    Headers.of("Host", "examplebucket.s3.amazonaws.com"),
                    "test")))
        .isInstanceOf(Verdict.Verified.class);
  }
}
