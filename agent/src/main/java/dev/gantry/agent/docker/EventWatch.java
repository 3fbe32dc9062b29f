package dev.gantry.agent.docker;

import dev.gantry.agent.ContainerRuntime.EventListener;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.ContainerRuntime.Watch;
import dev.gantry.agent.docker.EngineApi.Target;
import dev.gantry.agent.docker.EngineHttp.Exchange;
import dev.gantry.agent.docker.EngineHttp.Lane;
import dev.gantry.agent.docker.EngineHttp.Limits;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches the engine's event stream on a virtual thread of its own, and connects again whenever it
/// ends.
///
/// The engine sends the head of the answer *before* it subscribes the connection, so a container
/// that ends in between would be missed. Therefore each stream begins at the engine's own time of
/// just before: what happened meanwhile comes out of the engine's buffer, perhaps once too often.
final class EventWatch implements Watch {
  /// How long the engine may take to begin the event stream.
  static final Duration HEAD_LIMIT = Duration.ofSeconds(30);

  /// The first and the longest pause before connecting again; it doubles in between.
  static final Duration FIRST_PAUSE = Duration.ofMillis(100);

  static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /// How long a stream must have stood for the next pause to be the first again.
  static final Duration STEADY = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(EventWatch.class);

  private final EngineApi api;
  private final String filters;
  private final EventListener listener;
  private final AtomicReference<@Nullable Exchange> current = new AtomicReference<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  EventWatch(EngineApi api, Map<String, String> labels, EventListener listener) {
    this.api = api;
    this.listener = listener;
    this.filters =
        Filters.of(labels)
            .put("type", Json.Arr.of(List.of("container")))
            .put("event", Json.Arr.of(List.of("start", "die")))
            .toString();
  }

  void start() {
    Thread.ofVirtual().name("docker-events").start(this::run);
  }

  private boolean over() {
    return closed.getCount() == 0 || api.closed();
  }

  private void run() {
    Duration pause = FIRST_PAUSE;
    boolean said = false;
    while (!over()) {
      try {
        try (Exchange exchange = open()) {
          current.set(exchange);
          if (over()) {
            return;
          }
          if (said) {
            LOG.info("The engine's event stream stands again");
            said = false;
          }
          long stands = System.nanoTime();
          try {
            listener.gap();
            pump(exchange);
          } finally {
            // An engine that ends each stream at once must not be hammered, nor the agent be kept
            // inspecting.
            if (System.nanoTime() - stands > STEADY.toNanos()) {
              pause = FIRST_PAUSE;
            }
          }
        } finally {
          current.set(null);
        }
      } catch (RuntimeFailure e) {
        if (over()) {
          return;
        }
        if (!said) {
          LOG.warn("The engine's event stream ended, trying again: {}", e.getMessage());
          said = true;
        }
      } catch (RuntimeException e) {
        // A watch that ends in silence would be worse: the gap() that follows makes up for it.
        LOG.error("The listener of the engine's events failed", e);
      }
      try {
        if (closed.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        // Nobody else holds this thread, so this is a listener's own doing. Carry on.
        LOG.debug("Event watch was interrupted by its listener", e);
      }
      pause = pause.multipliedBy(2);
      if (pause.compareTo(LONGEST_PAUSE) > 0) {
        pause = LONGEST_PAUSE;
      }
    }
  }

  private Exchange open() throws RuntimeFailure {
    Target target = new Target("/events").query("filters", filters);
    Long engineSeconds = seconds(api.ping(EngineApi.VERSION_LIMIT));
    if (engineSeconds != null) {
      target.query("since", Long.toString(engineSeconds));
    }
    return api.open(Lane.LONG, "GET", target.toString(), Map.of(), null, Limits.stream(HEAD_LIMIT));
  }

  private static @Nullable Long seconds(String date) {
    try {
      return ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toEpochSecond();
    } catch (DateTimeException noDate) {
      return null;
    }
  }

  private void pump(Exchange exchange) throws RuntimeFailure {
    try {
      JsonLines lines = new JsonLines(exchange.body());
      for (Json event = lines.next(); event != null; event = lines.next()) {
        String id = event.at("Actor").at("ID").text();
        if (over()) {
          return;
        }
        switch (event.at("Action").text()) {
          case "start" -> listener.started(id);
          case "die" -> listener.died(id);
          default -> LOG.debug("Event that was not asked for: {}", event.at("Action").text());
        }
      }
    } catch (IOException e) {
      throw exchange.failure(e);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    Exchange exchange = current.get();
    if (exchange != null) {
      exchange.abort();
    }
  }
}
