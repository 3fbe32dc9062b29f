/// CloudWatch Logs: groups and streams, which are State, and their events, which the log store
/// keeps.
@NullMarked
package dev.gantry.control.logs;

import org.jspecify.annotations.NullMarked;
