/// The ECS API: one `...Operations` class per group of resources, and the mappings between wire
/// shapes and the model.
@NullMarked
package dev.gantry.control.ecs;

import org.jspecify.annotations.NullMarked;
