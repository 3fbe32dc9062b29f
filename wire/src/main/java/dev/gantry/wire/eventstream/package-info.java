/// The framing `application/vnd.amazon.eventstream`, in which AWS's APIs send and take streams of
/// events.
@NullMarked
package dev.gantry.wire.eventstream;

import org.jspecify.annotations.NullMarked;
