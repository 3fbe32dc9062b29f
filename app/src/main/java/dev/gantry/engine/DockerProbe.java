package dev.gantry.engine;

import dev.gantry.agent.docker.DockerConfig;
import dev.gantry.agent.docker.DockerContainerRuntime;
import dev.gantry.agent.docker.DockerEndpoint;
import dev.gantry.agent.docker.NoDockerEngine;
import dev.gantry.agent.docker.NoDockerEngine.Attempt;
import dev.gantry.engine.EngineView.Answer;
import dev.gantry.engine.EngineView.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Finds the engine that Docker's own client would use in this environment.
public final class DockerProbe implements EngineProbe {
  private final Map<String, String> environment;
  private final Path home;

  /// @param environment the user's, with DOCKER_HOST and the like
  /// @param home the user's home, with Docker's configuration in it
  public DockerProbe(Map<String, String> environment, Path home) {
    this.environment = environment;
    this.home = home;
  }

  /// The engine that answers, or null.
  public @Nullable DockerEndpoint find() {
    try {
      return DockerEndpoint.find(environment, home);
    } catch (NoDockerEngine none) {
      return null;
    }
  }

  /// A runtime on an engine.
  public DockerContainerRuntime open(DockerEndpoint endpoint) {
    return new DockerContainerRuntime(endpoint, DockerConfig.of(environment, home));
  }

  @Override
  public Answer ask() {
    try {
      DockerEndpoint found = DockerEndpoint.find(environment, home);
      return new Answer(Outcome.ANSWERED, null, found.url());
    } catch (NoDockerEngine none) {
      return answer(none.attempts());
    }
  }

  /// What the attempts mean. A URL out of DOCKER_HOST or a context is the user's choice.
  static Answer answer(List<Attempt> attempts) {
    String detail =
        "Tried: "
            + attempts.stream()
                .map(attempt -> attempt.url() + ": " + attempt.detail())
                .collect(Collectors.joining("; "))
            + ".";
    for (Attempt attempt : attempts) {
      if (attempt.source().equals("DOCKER_HOST")
          || attempt.source().startsWith("the Docker context")) {
        return new Answer(Outcome.NOBODY, attempt.source(), detail);
      }
    }
    boolean denied =
        attempts.stream().anyMatch(attempt -> attempt.outcome() == NoDockerEngine.Outcome.DENIED);
    return new Answer(denied ? Outcome.DENIED : Outcome.NOBODY, null, detail);
  }
}
