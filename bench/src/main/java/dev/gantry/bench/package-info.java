/// Benchmarks: programs that print a table, each number with its floor or peer from the same run.
@NullMarked
package dev.gantry.bench;

import org.jspecify.annotations.NullMarked;
