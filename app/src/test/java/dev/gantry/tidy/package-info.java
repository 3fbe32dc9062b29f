/// Checks on the whole code base: arrows between the rooms, and calls that are banned in some of
/// them.
@NullMarked
package dev.gantry.tidy;

import org.jspecify.annotations.NullMarked;
