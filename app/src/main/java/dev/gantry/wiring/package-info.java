/// Puts the rooms together into one process: the store, the writer's thread, the endpoint, the
/// server, the agents. This is where threads are; the rooms own none.
@NullMarked
package dev.gantry.wiring;

import org.jspecify.annotations.NullMarked;
