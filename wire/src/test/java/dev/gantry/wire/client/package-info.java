@NullMarked
package dev.gantry.wire.client;

import org.jspecify.annotations.NullMarked;
