/// The control plane: a single writer that decides, two roots, the loops that follow, and the agent
/// sessions.
///
/// [ControlPlane][dev.gantry.control.ControlPlane] never blocks and owns no thread: events go in,
/// effects come out.
@NullMarked
package dev.gantry.control;

import org.jspecify.annotations.NullMarked;
