package dev.gantry.wire.shape;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One service's API: how its requests are recognised, signed, bounded and refused.
///
/// Implemented once per service by generated code; the codecs and the router know nothing else of a
/// service.
public interface ServiceModel {

  /// The short name, as `ecs`.
  String name();

  /// The service's name in a SigV4 credential scope.
  String signingName();

  /// What stands before the dot in `X-Amz-Target`.
  String targetPrefix();

  /// The AWS JSON version, `1.0` or `1.1`.
  String jsonVersion();

  /// The largest request body in bytes that the service reads.
  long bodyLimitBytes();

  /// Every operation, in the model's order.
  List<Operation<?, ?>> operations();

  /// The operation of that name, or null if the model has none.
  @Nullable Operation<?, ?> operation(String name);

  /// The service's own error for input that breaks a modelled constraint.
  ServiceException invalidInput(String message);
}
