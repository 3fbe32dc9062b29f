package dev.gantry.wire.auth;

/// Every way in which a request can fail to prove who it comes from: AWS's own code, status and
/// text, one row each, with the place where AWS was seen to answer so.
///
/// All statuses are 400: services that speak AWS JSON answer authentication failures with 400,
/// other protocols with 403. Sources name public threads in which people pasted a recorded answer,
/// and the notes that the authors of the kinesalite and dynalite projects took of the production
/// services; those notes also give the order of the checks, which is the order of the rows.
///
/// Newer answers of AWS no longer echo the `Authorization` header but its SHA-256 in Base64; that
/// form is used here, since it never reflects a credential.
///
/// `docs/internals/auth-errors.md` is this table for people; a test keeps the two equal.
public enum AuthFailure {
  /// Neither an `Authorization` header nor signed query parameters.
  UNSIGNED(
      "MissingAuthenticationTokenException",
      "Missing Authentication Token",
      "mhart/kinesalite test/connection.js, recorded from Kinesis"),

  /// Signed twice over.
  SIGNED_TWICE(
      "InvalidSignatureException",
      "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
      "mhart/kinesalite test/connection.js, recorded from Kinesis"),

  /// A part of the header is no `name=value`.
  NOT_KEY_VALUE(
      "IncompleteSignatureException",
      "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and"
          + " encoded with Base64): '{0}'.",
      "boto/boto3#2280 and awslabs/fhir-works-on-aws-deployment#379 for the code; hashed text as AWS"
          + " answers since 2022"),

  /// The header lacks parameters; `{0}` is one sentence for each.
  HEADER_INCOMPLETE(
      "IncompleteSignatureException",
      "{0}(Hashed with SHA-256 and encoded with Base64) Authorization={1}",
      "mhart/kinesalite test/connection.js for the sentences and their order; versity/versitygw"
          + " iamerr for the hashed form"),

  /// The query lacks parameters; `{0}` is one sentence for each.
  QUERY_INCOMPLETE(
      "IncompleteSignatureException",
      "{0}Re-examine the query-string parameters.",
      "mhart/kinesalite test/connection.js, recorded from Kinesis"),

  /// The request's date is no `yyyyMMdd'T'HHmmss'Z'`.
  BAD_DATE(
      "IncompleteSignatureException",
      "Date must be in ISO-8601 'basic format'. Got '{0}'. See http://en.wikipedia.org/wiki/ISO_8601",
      "umegaya/lua-aws#18, recorded from SWF"),

  /// Signed too long ago.
  EXPIRED(
      "InvalidSignatureException",
      "Signature expired: {0} is now earlier than {1} ({2} - {3}.)",
      "fabfuel/ecs-deploy#126, recorded from ECS DescribeServices"),

  /// Signed in the future.
  NOT_YET_CURRENT(
      "InvalidSignatureException",
      "Signature not yet current: {0} is still later than {1} ({2} + {3}.)",
      "aws/amazon-ecs-agent#1513, recorded from ECS DiscoverPollEndpoint, status 400"),

  /// The host is not signed.
  HOST_NOT_SIGNED(
      "InvalidSignatureException",
      "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
      "aws/aws-sdk-php#2469, recorded from DynamoDB"),

  /// A header that changes what is asked is not signed.
  HEADER_NOT_SIGNED(
      "InvalidSignatureException",
      "'{0}' must be a 'SignedHeader' in the AWS Authorization.",
      "the form of HOST_NOT_SIGNED; AWS requires every X-Amz header to be signed, Gantry only those"
          + " that change the meaning, as some SDKs leave out X-Amz-User-Agent"),

  /// Another algorithm than `AWS4-HMAC-SHA256`.
  BAD_ALGORITHM(
      "IncompleteSignatureException",
      "Unsupported AWS 'algorithm': '{0}' (only AWS4-HMAC-SHA256 for now). ",
      "mhart/dynalite index.js, notes of DynamoDB's answers"),

  /// The credential has not five parts.
  BAD_CREDENTIAL(
      "IncompleteSignatureException",
      "Credential must have exactly 5 slash-delimited elements, e.g."
          + " keyid/date/region/service/term, got '{0}'",
      "prometheus-community/yet-another-cloudwatch-exporter#169, status 400"),

  /// A region that can be none.
  SCOPE_REGION(
      "InvalidSignatureException",
      "Credential should be scoped to a valid region, not '{0}'. ",
      "mhart/dynalite index.js, notes of DynamoDB's answers"),

  /// Signed for another service.
  SCOPE_SERVICE(
      "InvalidSignatureException",
      "Credential should be scoped to correct service: '{0}'. ",
      "aws/aws-sdk-ruby#431, recorded from EMR, status 400"),

  /// The scope's last part.
  SCOPE_TERMINATOR(
      "InvalidSignatureException",
      "Credential should be scoped with a valid terminator: 'aws4_request', not '{0}'. ",
      "mhart/dynalite index.js, notes of DynamoDB's answers"),

  /// The scope's date is not the request's.
  SCOPE_DATE(
      "InvalidSignatureException",
      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
          + " '{0}' != '{1}', from '{2}'.",
      "tedder/requests-aws4auth#7"),

  /// Nobody has this key.
  UNKNOWN_KEY(
      "UnrecognizedClientException",
      "The security token included in the request is invalid.",
      "aws-azure-login/aws-azure-login#37, recorded from ecs-cli, status 400"),

  /// The signature is another than ours.
  WRONG_SIGNATURE(
      "InvalidSignatureException",
      "The request signature we calculated does not match the signature you provided. Check your AWS"
          + " Secret Access Key and signing method. Consult the service documentation for details.",
      "mhart/dynalite index.js and aws/aws-sdk-js-v3#5811"),

  /// The key is known, its session token is another's or damaged.
  BAD_TOKEN(
      "UnrecognizedClientException",
      "The security token included in the request is invalid.",
      "mhart/dynalite index.js, notes of DynamoDB's answers"),

  /// The session is over.
  EXPIRED_TOKEN(
      "ExpiredTokenException",
      "The security token included in the request is expired",
      "aws-samples/sample-sonic-cdk-agent#16, recorded from DynamoDB; aws/aws-sdk-php#1307 for the"
          + " status 400"),

  /// The lifetime of signed query parameters is no number of seconds up to seven days.
  BAD_EXPIRES(
      "IncompleteSignatureException",
      "X-Amz-Expires must be a number of seconds between 1 and 604800. Re-examine the query-string"
          + " parameters.",
      "the bound is AWS's (IAM User Guide, create a signed request: X-Amz-Expires); the text is"
          + " Gantry's");

  /// The HTTP status of every row.
  public static final int STATUS = 400;

  private final String code;
  private final String text;
  private final String source;

  AuthFailure(String code, String text, String source) {
    this.code = code;
    this.text = text;
    this.source = source;
  }

  /// The error's shape name, as it stands in `__type`.
  public String code() {
    return code;
  }

  /// The text, with `{0}`, `{1}`, ... for what differs from request to request.
  public String text() {
    return text;
  }

  /// Where AWS was seen to answer so.
  public String source() {
    return source;
  }

  /// This failure with its text filled in.
  AuthError error(String... arguments) {
    String message = text;
    for (int i = 0; i < arguments.length; i++) {
      message = message.replace("{" + i + "}", arguments[i]);
    }
    return new AuthError(this, message);
  }
}
