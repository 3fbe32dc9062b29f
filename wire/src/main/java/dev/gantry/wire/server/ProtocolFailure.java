package dev.gantry.wire.server;

/// How a request can fail before or behind its operation, apart from authentication: code, status
/// and text, one row each, with where they come from.
///
/// `{0}` stands for what differs from request to request.
public enum ProtocolFailure {
  /// No such service or operation, or none named.
  UNKNOWN_OPERATION(
      "UnknownOperationException",
      400,
      "{0}",
      "mhart/kinesalite test/connection.js, recorded from Kinesis: 400 with __type alone, also"
          + " without a signature; aws/aws-sdk-net#1536 from CloudWatch Logs. The text is Gantry's"),

  /// A body in another format than the service's.
  UNKNOWN_CONTENT_TYPE(
      "UnknownOperationException",
      404,
      "The Content-Type must be {0}",
      "mhart/kinesalite index.js, recorded from Kinesis: 404, in XML. JSON and the text are"
          + " Gantry's"),

  /// A body that is not what the operation takes.
  SERIALIZATION(
      "SerializationException",
      400,
      "{0}",
      "mhart/kinesalite test/connection.js, recorded from Kinesis; AWS reads the body before the"
          + " signature, Gantry after it, so that nobody unknown makes it work"),

  /// A body past the service's limit.
  TOO_LARGE(
      "RequestEntityTooLargeException",
      413,
      "The request body is larger than {0} bytes",
      "aws/aws-pdk#771, recorded from Lambda: code and status. The text is Gantry's"),

  /// A fault of ours.
  INTERNAL(
      "ServerException",
      500,
      "Service Unavailable. Please try again later.",
      "aws/copilot-cli#3945, recorded from ECS. The ECS agent retries this code and no other fault"
          + " (agent-protocol.md, 1.2)");

  private final String code;
  private final int status;
  private final String text;
  private final String source;

  ProtocolFailure(String code, int status, String text, String source) {
    this.code = code;
    this.status = status;
    this.text = text;
    this.source = source;
  }

  /// The error's shape name, as it stands in `__type`.
  public String code() {
    return code;
  }

  /// The HTTP status.
  public int status() {
    return status;
  }

  /// The text, with `{0}` for what differs from request to request.
  public String text() {
    return text;
  }

  /// Where the row comes from.
  public String source() {
    return source;
  }

  String text(String argument) {
    return text.replace("{0}", argument);
  }
}
