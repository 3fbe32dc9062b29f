package dev.gantry.cli;

import dev.gantry.api.logs.GetLogEventsRequest;
import dev.gantry.api.logs.GetLogEventsResponse;
import dev.gantry.api.logs.Logs;
import dev.gantry.api.logs.OutputLogEvent;
import dev.gantry.wire.shape.ServiceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Shows what the containers of one task write, as it arrives in their log streams.
///
/// Each stream is read forward from its beginning by its own token, so nothing is shown twice or
/// skipped. Not for use by several threads.
final class LogFollower {

  /// Pages taken from one stream at one look, so that a container that writes without end cannot
  /// keep us from looking at the task.
  private static final int MAX_PAGES = 50;

  private final GantryClient client;
  private final Console console;
  private final List<LogSource> sources;
  private final String taskId;
  private final int nameWidth;
  private final Map<String, String> tokens = new LinkedHashMap<>();
  private @Nullable Instant firstOutput;

  /// @param named whether each line begins with its container's name
  LogFollower(
      GantryClient client, Console console, List<LogSource> sources, String taskId, boolean named) {
    this.client = client;
    this.console = console;
    this.sources = List.copyOf(sources);
    this.taskId = taskId;
    this.nameWidth =
        named ? sources.stream().mapToInt(each -> each.container().length()).max().orElse(0) : 0;
  }

  /// Whether this container's output is shown.
  boolean follows(String container) {
    return sources.stream().anyMatch(source -> source.container().equals(container));
  }

  /// Shows what came since.
  ///
  /// @param runtimeIds the containers' ids in the engine, as far as they are known
  void show(Map<String, String> runtimeIds) throws IOException, InterruptedException {
    for (LogSource source : sources) {
      String stream = source.stream(taskId, runtimeIds.get(source.container()));
      if (stream != null) {
        show(source, stream);
      }
    }
  }

  private void show(LogSource source, String stream) throws IOException, InterruptedException {
    for (int page = 0; page < MAX_PAGES; page++) {
      GetLogEventsResponse answer;
      try {
        answer =
            client.call(
                Logs.GET_LOG_EVENTS,
                GetLogEventsRequest.builder()
                    .logGroupName(source.group())
                    .logStreamName(stream)
                    .startFromHead(true)
                    .nextToken(tokens.get(source.container()))
                    .build(),
                source.region());
      } catch (ServiceException refused) {
        // The agent makes the stream when the container starts.
        if (refused.code().equals("ResourceNotFoundException")) {
          return;
        }
        throw new CommandFailure(
            "The output of " + source.container() + " cannot be read: " + refused.text(),
            refused,
            List.of("(" + refused.code() + ")"));
      }
      List<OutputLogEvent> events = Objects.requireNonNullElse(answer.events(), List.of());
      for (OutputLogEvent event : events) {
        print(source.container(), Objects.requireNonNullElse(event.message(), ""));
      }
      if (answer.nextForwardToken() != null) {
        tokens.put(source.container(), answer.nextForwardToken());
      }
      if (events.isEmpty()) {
        return;
      }
    }
  }

  private void print(String container, String message) {
    if (firstOutput == null) {
      firstOutput = Instant.now();
    }
    String line =
        nameWidth == 0
            ? message
            : container + " ".repeat(nameWidth - container.length()) + " | " + message;
    console.printRaw(line.getBytes(StandardCharsets.UTF_8));
  }

  /// How long after `launch` the first line was shown, or null if none was.
  @Nullable Duration firstOutputAfter(Instant launch) {
    return firstOutput == null ? null : Duration.between(launch, firstOutput);
  }
}
