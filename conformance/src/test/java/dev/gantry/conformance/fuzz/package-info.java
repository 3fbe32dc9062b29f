/// The fuzzer as a test of every build.
@NullMarked
package dev.gantry.conformance.fuzz;

import org.jspecify.annotations.NullMarked;
