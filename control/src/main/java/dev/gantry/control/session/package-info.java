/// The agents' sessions: who is connected, what each has been told, and what it should be told
/// next.
@NullMarked
package dev.gantry.control.session;

import org.jspecify.annotations.NullMarked;
