/// A whole Gantry in one thread: the real control plane and real agent cores, joined by real wire
/// bytes, over a simulated clock, network, disk and container engine, all driven by one seed.
///
/// `docs/internals/sim.md` is the page to read first.
@NullMarked
package dev.gantry.sim;

import org.jspecify.annotations.NullMarked;
