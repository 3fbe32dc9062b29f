/// Tests of the control plane.
@NullMarked
package dev.gantry.control;

import org.jspecify.annotations.NullMarked;
