@NullMarked
package dev.gantry.wire.auth;

import org.jspecify.annotations.NullMarked;
