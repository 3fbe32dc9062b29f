/// Tests of the agents' sessions.
@NullMarked
package dev.gantry.control.session;

import org.jspecify.annotations.NullMarked;
