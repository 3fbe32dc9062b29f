/// AWS wire protocols, request signing, and the two ports that an HTTP server adapts:
/// [Endpoint][dev.gantry.wire.Endpoint] and [TextSocket][dev.gantry.wire.TextSocket].
///
/// Nothing here knows a service by name, asks a clock, or draws a random number: time, chance and
/// ids arrive as arguments.
@NullMarked
package dev.gantry.wire;

import org.jspecify.annotations.NullMarked;
