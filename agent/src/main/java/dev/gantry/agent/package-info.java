/// The container agent: what runs on each host. `AgentCore` decides one step at a time and owns no
/// thread; the adapters in the packages below touch the container engine, the disk and the control
/// plane.
@NullMarked
package dev.gantry.agent;

import org.jspecify.annotations.NullMarked;
