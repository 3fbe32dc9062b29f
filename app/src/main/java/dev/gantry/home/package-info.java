/// The data directory: where it is, what lies in it, and who may use it at one time.
@NullMarked
package dev.gantry.home;

import org.jspecify.annotations.NullMarked;
