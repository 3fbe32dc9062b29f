/// Tests of the wiring's own parts; the whole is tested in conformance.
@NullMarked
package dev.gantry.wiring;

import org.jspecify.annotations.NullMarked;
