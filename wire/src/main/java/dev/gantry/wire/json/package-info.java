/// JSON on the wire: the AWS JSON codec, driven by shape descriptors, and the agent messages'
/// frame.
@NullMarked
package dev.gantry.wire.json;

import org.jspecify.annotations.NullMarked;
