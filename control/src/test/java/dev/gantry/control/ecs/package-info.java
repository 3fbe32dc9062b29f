/// Tests of the ECS operations.
@NullMarked
package dev.gantry.control.ecs;

import org.jspecify.annotations.NullMarked;
