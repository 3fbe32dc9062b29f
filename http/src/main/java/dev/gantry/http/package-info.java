/// Puts an [Endpoint][dev.gantry.wire.Endpoint] on the network: the one room that knows the HTTP
/// server library.
///
/// Helidon listens, gives each connection a virtual thread, and parses request heads. The exchange
/// itself is written here, because its limits must hold before anybody is known: a request's body
/// is bounded by its own service, time is bounded in every phase, and WebSockets are written by one
/// thread each from a bounded queue.
@NullMarked
package dev.gantry.http;

import org.jspecify.annotations.NullMarked;
