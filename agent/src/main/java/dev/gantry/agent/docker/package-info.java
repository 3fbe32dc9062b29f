/// The Docker Engine behind the agent's [dev.gantry.agent.ContainerRuntime]: finding an engine,
/// speaking its API over a unix socket or plain TCP, and spelling the agent's wishes in its words.
/// `docs/internals/docker.md` is the walk through it; `docs/decisions/0003-docker-engine-client.md`
/// says why the HTTP client is our own.
@NullMarked
package dev.gantry.agent.docker;

import org.jspecify.annotations.NullMarked;
