/// The cluster query language: expressions that choose container instances.
@NullMarked
package dev.gantry.scheduler.query;

import org.jspecify.annotations.NullMarked;
