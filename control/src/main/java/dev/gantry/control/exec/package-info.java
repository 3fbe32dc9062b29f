/// Sessions in which a person runs a command in a container: who may speak to whom, and the relay
/// between them (decision 0010).
@NullMarked
package dev.gantry.control.exec;

import org.jspecify.annotations.NullMarked;
