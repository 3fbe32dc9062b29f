/// The client side of the AWS protocols, without a transport: a call becomes a signed request as
/// plain data, and a response's parts become an output or a
/// [ServiceException][dev.gantry.wire.shape.ServiceException].
@NullMarked
package dev.gantry.wire.client;

import org.jspecify.annotations.NullMarked;
