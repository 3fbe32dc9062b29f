/// The command line: what people type and read. The commands find or start what is needed and then
/// talk to Gantry through the ECS API, as any other client does.
///
/// Standard output carries what a command was asked for (a container's output, exports, a table);
/// everything Gantry says of itself goes to standard error.
@NullMarked
package dev.gantry.cli;

import org.jspecify.annotations.NullMarked;
