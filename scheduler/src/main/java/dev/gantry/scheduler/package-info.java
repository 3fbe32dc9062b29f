/// What should happen: pure decisions over small views. Nothing here sees State, a clock, a thread
/// or the wire.
@NullMarked
package dev.gantry.scheduler;

import org.jspecify.annotations.NullMarked;
