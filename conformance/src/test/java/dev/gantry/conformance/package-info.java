/// Gantry as its users meet it: a real process, a real Docker Engine, real AWS clients.
@NullMarked
package dev.gantry.conformance;

import org.jspecify.annotations.NullMarked;
