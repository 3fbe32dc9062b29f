/// The fuzzer: a Gantry in a process of its own, and clients that send it what nobody should, from
/// one seed. docs/internals/hostile.md says what it sends and what it demands.
@NullMarked
package dev.gantry.conformance.fuzz;

import org.jspecify.annotations.NullMarked;
