@NullMarked
package dev.gantry.http;

import org.jspecify.annotations.NullMarked;
