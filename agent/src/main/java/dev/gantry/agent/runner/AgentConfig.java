package dev.gantry.agent.runner;

import dev.gantry.agent.AgentSettings;
import dev.gantry.wire.auth.Credentials;
import java.net.URI;
import java.nio.file.Path;
import java.util.function.Supplier;

/// Where an agent lives and whom it serves.
///
/// @param endpoint the control plane's API, as `http://127.0.0.1:4566`
/// @param credentials asked for each call, so that they may change
/// @param home the agent's own directory, made when missing; never shared by two agents
/// @param settings what the agent is to be
public record AgentConfig(
    URI endpoint, Supplier<Credentials> credentials, Path home, AgentSettings settings) {}
