@NullMarked
package dev.gantry.wire.server;

import org.jspecify.annotations.NullMarked;
