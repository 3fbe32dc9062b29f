package dev.gantry.wire.auth;

import dev.gantry.wire.Headers;
import dev.gantry.wire.QueryString;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.auth.CredentialResolver.Resolution;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds out who a request comes from, by its AWS Signature Version 4 in the `Authorization` header
/// or in the query.
///
/// Rules it keeps:
/// - The checks come in AWS's order, and each failure is a row of [AuthFailure].
/// - The body's own hash is what is signed; what `X-Amz-Content-Sha256` claims is believed only
///   where [SigningRules#unsignedPayload] says so.
/// - `Host`, and `X-Amz-Date` and `X-Amz-Target` where they are sent, must be signed: otherwise a
///   captured signature would be good for another server, time or operation.
/// - Signatures are compared in constant time.
///
/// Made once and shared; safe for many threads; never blocks.
public final class SigV4Verifier {
  /// How far a client's clock may be off. Source: the texts of recorded answers of ECS, which name
  /// five minutes ([AuthFailure#EXPIRED]).
  public static final Duration ALLOWED_SKEW = Duration.ofMinutes(5);

  /// The longest life of signed query parameters, seven days.
  public static final long MAX_EXPIRES_SECONDS = 604_800;

  /// The longest region name believed; AWS's longest has 14 characters.
  static final int MAX_REGION_LENGTH = 64;

  /// The parameters of an `Authorization` header that are looked at; AWS has three.
  private static final int MAX_PARAMETERS = 16;

  private static final int CREDENTIAL_PARTS = 5;
  private static final String QUERY_SIGNATURE = "X-Amz-Signature";

  private final CredentialResolver resolver;
  private final SignatureEngine engine = new SignatureEngine();

  /// A verifier that asks `resolver` for the secrets.
  public SigV4Verifier(CredentialResolver resolver) {
    this.resolver = resolver;
  }

  /// Verifies a request for any service.
  ///
  /// @param payload the body, whole
  /// @param now the server's time
  public Verdict verify(RequestHead head, byte[] payload, Instant now) {
    return verify(head, payload, now, null, SigningRules.STANDARD);
  }

  /// Verifies a request for one service.
  ///
  /// @param payload the body, whole
  /// @param now the server's time
  /// @param service the name that the signature must be scoped to, or null for any
  public Verdict verify(RequestHead head, byte[] payload, Instant now, @Nullable String service) {
    return verify(head, payload, now, service, SigningRules.STANDARD);
  }

  /// Verifies a request for a service with its own rules.
  ///
  /// @param payload the body, whole
  /// @param now the server's time
  /// @param service the name that the signature must be scoped to, or null for any
  public Verdict verify(
      RequestHead head, byte[] payload, Instant now, @Nullable String service, SigningRules rules) {
    String authorization = head.headers().first("Authorization");
    boolean inQuery = head.query() != null && head.query().contains("X-Amz-Algorithm");
    List<QueryString.Parameter> query =
        inQuery ? QueryString.parse(head.query()) : List.<QueryString.Parameter>of();
    inQuery = inQuery && parameter(query, "X-Amz-Algorithm") != null;
    if (authorization == null) {
      return inQuery
          ? verifyQuery(head, query, payload, now, service, rules)
          : refused(AuthFailure.UNSIGNED.error());
    }
    return inQuery
        ? refused(AuthFailure.SIGNED_TWICE.error())
        : verifyHeader(head, authorization, payload, now, service, rules);
  }

  /// Verifies one telemetry frame of an ECS agent: the signature in the frame's own header block is
  /// over `GET`, the URL of the socket's upgrade, and the frame's body.
  ///
  /// Source: `reference/agent-protocol.md`, section 2.
  ///
  /// @param upgrade the head of the request that opened the socket
  /// @param now the server's time
  public Verdict verifyFrame(RequestHead upgrade, SignedFrame frame, Instant now) {
    return verify(
        new RequestHead("GET", upgrade.path(), upgrade.query(), frame.headers(), upgrade.peer()),
        frame.body().getBytes(StandardCharsets.UTF_8),
        now);
  }

  /// The service name in the credential scope of a request, verified or not: enough to route it.
  ///
  /// @return null if the request has no readable credential
  public static @Nullable String signingName(RequestHead head) {
    String authorization = head.headers().first("Authorization");
    String credential = null;
    if (authorization != null) {
      int at = authorization.indexOf("Credential=");
      if (at >= 0) {
        int from = at + "Credential=".length();
        int to = from;
        while (to < authorization.length() && !isSeparator(authorization.charAt(to))) {
          to++;
        }
        credential = authorization.substring(from, to);
      }
    } else if (head.query() != null && head.query().contains("X-Amz-Credential")) {
      credential = parameter(QueryString.parse(head.query()), "X-Amz-Credential");
    }
    String[] parts = credential == null ? null : split(credential);
    return parts == null ? null : parts[3];
  }

  private Verdict verifyHeader(
      RequestHead head,
      String authorization,
      byte[] payload,
      Instant now,
      @Nullable String service,
      SigningRules rules) {
    Parameters parameters = Parameters.of(authorization);
    if (parameters.notKeyValue) {
      return refused(AuthFailure.NOT_KEY_VALUE.error(hashed(authorization)));
    }
    String date = head.headers().first("X-Amz-Date");
    boolean amzDate = date != null;
    if (date == null) {
      date = head.headers().first("Date");
    }
    if (parameters.credential == null
        || parameters.signature == null
        || parameters.signedHeaders == null
        || date == null) {
      String missing =
          requires(parameters.credential, "Credential")
              + requires(parameters.signature, "Signature")
              + requires(parameters.signedHeaders, "SignedHeaders")
              + (date == null
                  ? "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date'"
                      + " header. "
                  : "");
      return refused(AuthFailure.HEADER_INCOMPLETE.error(missing, hashed(authorization)));
    }
    return verify(
        head,
        payload,
        now,
        service,
        rules,
        new Claim(
            parameters.algorithm,
            parameters.credential,
            parameters.signedHeaders,
            parameters.signature,
            date,
            head.headers().first("X-Amz-Security-Token"),
            ALLOWED_SKEW.toSeconds(),
            amzDate,
            ""));
  }

  private Verdict verifyQuery(
      RequestHead head,
      List<QueryString.Parameter> query,
      byte[] payload,
      Instant now,
      @Nullable String service,
      SigningRules rules) {
    String algorithm = parameter(query, "X-Amz-Algorithm");
    String credential = parameter(query, "X-Amz-Credential");
    String signature = parameter(query, QUERY_SIGNATURE);
    String signedHeaders = parameter(query, "X-Amz-SignedHeaders");
    String date = parameter(query, "X-Amz-Date");
    if (algorithm == null
        || algorithm.isEmpty()
        || credential == null
        || signature == null
        || signedHeaders == null
        || date == null) {
      String missing =
          mustInclude(algorithm, "X-Amz-Algorithm")
              + mustInclude(credential, "X-Amz-Credential")
              + mustInclude(signature, QUERY_SIGNATURE)
              + mustInclude(signedHeaders, "X-Amz-SignedHeaders")
              + mustInclude(date, "X-Amz-Date");
      return refused(AuthFailure.QUERY_INCOMPLETE.error(missing));
    }
    long lifeSeconds = ALLOWED_SKEW.toSeconds();
    String expires = parameter(query, "X-Amz-Expires");
    if (expires != null) {
      lifeSeconds = seconds(expires);
      if (lifeSeconds < 1 || lifeSeconds > MAX_EXPIRES_SECONDS) {
        return refused(AuthFailure.BAD_EXPIRES.error());
      }
    }
    return verify(
        head,
        payload,
        now,
        service,
        rules,
        new Claim(
            algorithm,
            credential,
            signedHeaders,
            signature,
            date,
            parameter(query, "X-Amz-Security-Token"),
            lifeSeconds,
            false,
            QUERY_SIGNATURE));
  }

  /// What a request says of itself, wherever it says so.
  ///
  /// @param lifeSeconds how long the signature is good for
  /// @param dateInHeader whether the date stands in `X-Amz-Date`, which must then be signed
  /// @param leaveOut the query parameter that is not signed
  private record Claim(
      String algorithm,
      String credential,
      String signedHeaders,
      String signature,
      String date,
      @Nullable String token,
      long lifeSeconds,
      boolean dateInHeader,
      String leaveOut) {}

  private Verdict verify(
      RequestHead head,
      byte[] payload,
      Instant now,
      @Nullable String service,
      SigningRules rules,
      Claim claim) {
    Instant date = AmzDate.parse(claim.date);
    if (date == null) {
      return refused(AuthFailure.BAD_DATE.error(claim.date));
    }
    String[] parts = split(claim.credential);
    Resolution resolution =
        parts == null ? new Resolution.UnknownKey() : resolver.resolve(parts[0], claim.token);
    // Under --auth any the clock and the signature are of no account, but the form is.
    boolean trusted = resolution instanceof Resolution.Trusted;
    if (!trusted) {
      AuthError skew = skew(claim, date, now);
      if (skew != null) {
        return refused(skew);
      }
    }
    AuthError form = form(head.headers(), claim);
    if (form != null) {
      return refused(form);
    }
    if (parts == null) {
      return refused(AuthFailure.BAD_CREDENTIAL.error(claim.credential));
    }
    AuthError scope = scope(parts, claim, service);
    if (scope != null) {
      return refused(scope);
    }
    return switch (resolution) {
      case Resolution.UnknownKey _ -> refused(AuthFailure.UNKNOWN_KEY.error());
      case Resolution.BadToken bad ->
          refused((bad.expired() ? AuthFailure.EXPIRED_TOKEN : AuthFailure.BAD_TOKEN).error());
      case Resolution.Trusted it -> new Verdict.Verified(it.principal(), parts[2], parts[3]);
      case Resolution.Known it ->
          isSigned(head, payload, claim, parts, it.secret(), rules)
              ? new Verdict.Verified(it.principal(), parts[2], parts[3])
              : refused(AuthFailure.WRONG_SIGNATURE.error());
    };
  }

  private static @Nullable AuthError skew(Claim claim, Instant date, Instant now) {
    long nowSeconds = now.getEpochSecond();
    long dateSeconds = date.getEpochSecond();
    if (dateSeconds < nowSeconds - claim.lifeSeconds) {
      return AuthFailure.EXPIRED.error(
          claim.date,
          AmzDate.format(now.minusSeconds(claim.lifeSeconds)),
          AmzDate.format(now),
          span(claim.lifeSeconds));
    }
    long skewSeconds = ALLOWED_SKEW.toSeconds();
    if (dateSeconds > nowSeconds + skewSeconds) {
      return AuthFailure.NOT_YET_CURRENT.error(
          claim.date,
          AmzDate.format(now.plusSeconds(skewSeconds)),
          AmzDate.format(now),
          span(skewSeconds));
    }
    return null;
  }

  private static String span(long seconds) {
    return seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " sec";
  }

  private static @Nullable AuthError form(Headers headers, Claim claim) {
    if (!names(claim.signedHeaders, "host")) {
      return AuthFailure.HOST_NOT_SIGNED.error();
    }
    if (claim.dateInHeader && !names(claim.signedHeaders, "x-amz-date")) {
      return AuthFailure.HEADER_NOT_SIGNED.error("X-Amz-Date");
    }
    if (!names(claim.signedHeaders, "x-amz-target") && headers.first("X-Amz-Target") != null) {
      return AuthFailure.HEADER_NOT_SIGNED.error("X-Amz-Target");
    }
    if (!claim.algorithm.equals(SignatureEngine.ALGORITHM)) {
      return AuthFailure.BAD_ALGORITHM.error(claim.algorithm);
    }
    return null;
  }

  private static @Nullable AuthError scope(String[] parts, Claim claim, @Nullable String service) {
    String day = AmzDate.day(claim.date);
    boolean region = isRegion(parts[2]);
    boolean rightService = service == null || parts[3].equals(service);
    boolean terminator = parts[4].equals(SignatureEngine.TERMINATOR);
    boolean date = parts[1].equals(day);
    if (region && rightService && terminator && date) {
      return null;
    }
    List<AuthError> errors = new ArrayList<>();
    if (!region) {
      errors.add(AuthFailure.SCOPE_REGION.error(parts[2]));
    }
    if (service != null && !rightService) {
      errors.add(AuthFailure.SCOPE_SERVICE.error(service));
    }
    if (!terminator) {
      errors.add(AuthFailure.SCOPE_TERMINATOR.error(parts[4]));
    }
    if (!date) {
      errors.add(AuthFailure.SCOPE_DATE.error(parts[1], day, claim.date));
    }
    StringBuilder message = new StringBuilder();
    errors.forEach(error -> message.append(error.message()));
    return new AuthError(errors.getFirst().failure(), message.toString());
  }

  /// Any region will do, each being a name space of its own, as long as it can be part of an ARN.
  private static boolean isRegion(String region) {
    if (region.isEmpty() || region.length() > MAX_REGION_LENGTH) {
      return false;
    }
    for (int i = 0; i < region.length(); i++) {
      char c = region.charAt(i);
      if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') {
        return false;
      }
    }
    return true;
  }

  private boolean isSigned(
      RequestHead head,
      byte[] payload,
      Claim claim,
      String[] parts,
      String secret,
      SigningRules rules) {
    String claimedHash = head.headers().first("X-Amz-Content-Sha256");
    String payloadHash = null;
    if (rules.unsignedPayload()
        && (SignatureEngine.UNSIGNED_PAYLOAD.equals(claimedHash) || !claim.leaveOut.isEmpty())) {
      payloadHash = SignatureEngine.UNSIGNED_PAYLOAD;
    }
    byte[] signature =
        engine.signature(
            new SignatureEngine.Subject(
                head.method(),
                head.path(),
                head.query(),
                claim.leaveOut,
                head.headers(),
                claim.signedHeaders,
                payload,
                payloadHash,
                rules),
            new SignatureEngine.Scope(parts[1], parts[2], parts[3]),
            claim.date,
            secret);
    return MessageDigest.isEqual(signature, claim.signature.getBytes(StandardCharsets.UTF_8));
  }

  /// Whether a `;`-separated list of header names has `name`, in any case.
  private static boolean names(String list, String name) {
    int from = 0;
    while (from <= list.length()) {
      int semicolon = list.indexOf(';', from);
      int to = semicolon < 0 ? list.length() : semicolon;
      if (to - from == name.length() && list.regionMatches(true, from, name, 0, name.length())) {
        return true;
      }
      from = to + 1;
    }
    return false;
  }

  /// The five parts of a credential, or null if they are not five.
  private static String @Nullable [] split(String credential) {
    String[] parts = new String[CREDENTIAL_PARTS];
    int from = 0;
    for (int i = 0; i < CREDENTIAL_PARTS; i++) {
      int slash = credential.indexOf('/', from);
      if ((slash < 0) != (i == CREDENTIAL_PARTS - 1)) {
        return null;
      }
      parts[i] = slash < 0 ? credential.substring(from) : credential.substring(from, slash);
      from = slash + 1;
    }
    return parts;
  }

  private static boolean isSeparator(char c) {
    return c == ',' || c == ' ';
  }

  private static @Nullable String parameter(List<QueryString.Parameter> query, String name) {
    for (QueryString.Parameter parameter : query) {
      if (parameter.name().equals(name)) {
        return parameter.value();
      }
    }
    return null;
  }

  private static long seconds(String text) {
    if (text.isEmpty() || text.length() > 6) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  private static String requires(@Nullable String value, String name) {
    return value == null ? "Authorization header requires '" + name + "' parameter. " : "";
  }

  private static String mustInclude(@Nullable String value, String name) {
    return value == null || value.isEmpty()
        ? "AWS query-string parameters must include '" + name + "'. "
        : "";
  }

  private String hashed(String authorization) {
    return Base64.getEncoder()
        .encodeToString(engine.sha256(authorization.getBytes(StandardCharsets.UTF_8)));
  }

  private static Verdict refused(AuthError error) {
    return new Verdict.Refused(error);
  }

  /// An `Authorization` header taken apart: an algorithm, then `name=value` between commas and
  /// blanks.
  private static final class Parameters {
    private String algorithm = "";
    private @Nullable String credential;
    private @Nullable String signedHeaders;
    private @Nullable String signature;
    private boolean notKeyValue;

    static Parameters of(String authorization) {
      Parameters parameters = new Parameters();
      int length = authorization.length();
      int from = authorization.indexOf(' ');
      if (from < 0) {
        parameters.algorithm = authorization;
        return parameters;
      }
      parameters.algorithm = authorization.substring(0, from);
      for (int count = 0; from < length && count < MAX_PARAMETERS; count++) {
        while (from < length && isSeparator(authorization.charAt(from))) {
          from++;
        }
        int to = from;
        while (to < length && !isSeparator(authorization.charAt(to))) {
          to++;
        }
        if (to > from) {
          parameters.take(authorization, from, to);
        }
        from = to;
      }
      return parameters;
    }

    private void take(String authorization, int from, int to) {
      int equals = authorization.indexOf('=', from);
      if (equals < 0 || equals >= to) {
        notKeyValue = true;
        return;
      }
      int name = equals - from;
      if (equals + 1 == to) {
        // An empty value counts as missing.
        return;
      }
      if (name == 10 && authorization.startsWith("Credential", from)) {
        credential = authorization.substring(equals + 1, to);
      } else if (name == 13 && authorization.startsWith("SignedHeaders", from)) {
        signedHeaders = authorization.substring(equals + 1, to);
      } else if (name == 9 && authorization.startsWith("Signature", from)) {
        signature = authorization.substring(equals + 1, to);
      }
    }
  }
}
