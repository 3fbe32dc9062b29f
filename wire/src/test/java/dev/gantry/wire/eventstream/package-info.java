/// Tests of event streams.
@NullMarked
package dev.gantry.wire.eventstream;

import org.jspecify.annotations.NullMarked;
