/// Seeds that run in every build, and bugs planted to see that they are found.
@NullMarked
package dev.gantry.sim;

import org.jspecify.annotations.NullMarked;
