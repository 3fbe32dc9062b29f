/// Runs an [AgentCore][dev.gantry.agent.AgentCore] for real: its events through one thread, its
/// effects on virtual ones.
@NullMarked
package dev.gantry.agent.runner;

import org.jspecify.annotations.NullMarked;
