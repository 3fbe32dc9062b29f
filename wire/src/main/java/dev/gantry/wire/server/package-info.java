/// The server side of the AWS protocols: from one HTTP request to one typed [Call] and back.
///
/// [AwsEndpoint] verifies, routes, decodes and validates; an [OperationHandler] decides; nothing
/// here knows a service by name.
@NullMarked
package dev.gantry.wire.server;

import org.jspecify.annotations.NullMarked;
