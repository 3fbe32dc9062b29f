package dev.gantry.wire.shape;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// An error that a service answers with: it reaches the client as `__type`, a message and an HTTP
/// status.
///
/// It is an answer, not a malfunction, so it carries no stack trace.
public final class ServiceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;
  private final int status;
  private final transient Map<String, List<String>> lists;

  /// An error without members of its own beyond the message.
  ///
  /// @param code the shape name, as `InvalidParameterException`
  /// @param status the HTTP status, 400 to 599
  /// @param message the text for people
  public ServiceException(String code, int status, String message) {
    this(code, status, message, Map.of());
  }

  /// An error with modelled list-of-string members, as ConflictException's `resourceIds`.
  public ServiceException(
      String code, int status, String message, Map<String, List<String>> lists) {
    super(message, null, false, false);
    this.code = code;
    this.status = status;
    this.lists = new LinkedHashMap<>(lists);
  }

  /// The shape name, as `InvalidParameterException`.
  public String code() {
    return code;
  }

  /// The HTTP status.
  public int status() {
    return status;
  }

  /// The text for people; never null.
  public String text() {
    return String.valueOf(getMessage());
  }

  /// Further modelled members, all lists of strings.
  public Map<String, List<String>> lists() {
    return lists;
  }
}
