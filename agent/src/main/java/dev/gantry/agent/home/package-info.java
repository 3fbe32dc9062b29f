/// The agent's durable home: files that are whole or not there at all, and readable by nobody else.
@NullMarked
package dev.gantry.agent.home;

import org.jspecify.annotations.NullMarked;
