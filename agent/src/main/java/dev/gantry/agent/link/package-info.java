/// The agent's way to its control plane, over the JDK's HTTP client: signed API calls and the two
/// WebSockets.
@NullMarked
package dev.gantry.agent.link;

import org.jspecify.annotations.NullMarked;
