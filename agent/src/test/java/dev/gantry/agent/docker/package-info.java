/// Tests of the Docker adapter. Those tagged `docker` talk to a real engine, found as the agent
/// finds it; they fail when there is none. The others need a socket at most.
@NullMarked
package dev.gantry.agent.docker;

import org.jspecify.annotations.NullMarked;
