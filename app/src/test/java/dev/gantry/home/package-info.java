@NullMarked
package dev.gantry.home;

import org.jspecify.annotations.NullMarked;
