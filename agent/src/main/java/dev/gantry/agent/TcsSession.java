package dev.gantry.agent;

import dev.gantry.agent.AgentEffect.Channel;
import dev.gantry.api.tcs.InstanceStatusMetadata;
import dev.gantry.api.tcs.MetricsMetadata;
import dev.gantry.api.tcs.PublishInstanceStatusRequest;
import dev.gantry.api.tcs.PublishMetricsRequest;
import dev.gantry.api.tcs.TaskMetric;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.json.MessageEnvelope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The agent's end of the telemetry service (agent-protocol 5). It tells which tasks run, and how
/// its host is. Samples of processor and memory are not taken yet, so the tasks come without
/// container metrics.
///
/// What runs is told at once and then at every tick; health at ticks alone, and only what was not
/// told yet, as Amazon's agent does. A telling that is lost with its socket is made good by the
/// next check.
final class TcsSession implements SocketLink.Talk {

  static final Duration INTERVAL = Duration.ofSeconds(20);

  /// The service's limit for one message.
  static final int MAX_TASKS = 10;

  private static final String TIMER = "TCS.publish";

  /// What the session needs of the agent around it.
  interface Owner {
    /// The address of TCS, query included.
    String tcsUrl();

    /// This agent's own ARN.
    String containerInstance();
  }

  private final Kernel kernel;
  private final AgentSettings settings;
  private final TaskSupervisor tasks;
  private final HostHealth health;
  private final Owner owner;
  private final SocketLink link;

  TcsSession(
      Kernel kernel, AgentSettings settings, TaskSupervisor tasks, HostHealth health, Owner owner) {
    this.kernel = kernel;
    this.settings = settings;
    this.tasks = tasks;
    this.health = health;
    this.owner = owner;
    this.link = new SocketLink(kernel, Channel.TCS, Backoff.TCS, this);
  }

  SocketLink link() {
    return link;
  }

  @Override
  public String url() {
    return owner.tcsUrl();
  }

  @Override
  public void opened() {
    publish();
    later();
  }

  @Override
  public void closed() {
    kernel.timers.cancel(TIMER);
  }

  @Override
  public Duration refused(String body) {
    return Duration.ZERO;
  }

  @Override
  public void text(String text) {
    MessageEnvelope envelope = MessageEnvelope.parse(text);
    if (envelope == null) {
      return;
    }
    switch (envelope.type()) {
      case "HeartbeatMessage", "AckPublishMetric", "AckPublishHealth", "AckPublishInstanceStatus" ->
          link.alive();
      default -> {
        // Anything else does not count as a sign of life (agent-protocol 2.1).
      }
    }
  }

  private void publish() {
    List<TaskMetric> running = new ArrayList<>();
    for (TaskState task : tasks.all()) {
      if (task.record().ran() && !task.record().stopped()) {
        running.add(
            TaskMetric.builder()
                .taskArn(task.plan().arn())
                .taskDefinitionFamily(task.plan().family())
                .taskDefinitionVersion(task.plan().version())
                .containerMetrics(List.of())
                .build());
      }
    }
    if (running.isEmpty()) {
      send(true, true, null);
    }
    for (int from = 0; from < running.size(); from += MAX_TASKS) {
      int to = Math.min(running.size(), from + MAX_TASKS);
      send(false, to == running.size(), running.subList(from, to));
    }
  }

  private void later() {
    kernel.timers.set(TIMER, kernel.now().plus(INTERVAL), this::tick);
  }

  private void tick() {
    publish();
    if (health.untold()) {
      publishHealth();
      health.told();
    }
    later();
  }

  private void publishHealth() {
    PublishInstanceStatusRequest request =
        PublishInstanceStatusRequest.builder()
            .metadata(
                InstanceStatusMetadata.builder()
                    .cluster(settings.cluster())
                    .containerInstance(owner.containerInstance())
                    .requestId(kernel.uuid())
                    .build())
            .timestamp(kernel.now())
            .statuses(List.of(health.status()))
            .build();
    link.send(
        MessageEnvelope.wrap(
            "PublishInstanceStatusRequest",
            AwsJson.encodeToString(PublishInstanceStatusRequest.SHAPE, request)));
  }

  private void send(boolean idle, boolean last, @Nullable List<TaskMetric> metrics) {
    PublishMetricsRequest request =
        PublishMetricsRequest.builder()
            .metadata(
                MetricsMetadata.builder()
                    .cluster(settings.cluster())
                    .containerInstance(owner.containerInstance())
                    .messageId(kernel.uuid())
                    .idle(idle)
                    .fin(last)
                    .build())
            .timestamp(kernel.now())
            .taskMetrics(metrics)
            .build();
    link.send(
        MessageEnvelope.wrap(
            "PublishMetricsRequest", AwsJson.encodeToString(PublishMetricsRequest.SHAPE, request)));
  }
}
