package dev.gantry.bench;

import dev.gantry.agent.AgentEffect.Channel;
import dev.gantry.agent.link.ControlPlaneLink;
import dev.gantry.api.acs.AckRequest;
import dev.gantry.api.acs.HeartbeatAckRequest;
import dev.gantry.api.ecs.Attribute;
import dev.gantry.api.ecs.ContainerInstance;
import dev.gantry.api.ecs.DiscoverPollEndpointRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.RegisterContainerInstanceRequest;
import dev.gantry.api.ecs.Resource;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.json.MessageEnvelope;
import dev.gantry.wire.shape.Structure;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A container instance without an engine: it registers with room for any number of tasks, holds
/// the ACS socket and acknowledges what it is sent. So RunTask has somewhere to place tasks, and
/// neither Docker nor an agent's disk takes part in what is measured.
final class AcknowledgingAgent implements AutoCloseable {
  private static final long SOCKET = 1;
  private static final int CONNECT_LIMIT_SECONDS = 30;

  /// Room enough: a million mebibytes.
  private static final int PLENTY = 1_000_000_000;

  private static final Pattern MESSAGE_ID = Pattern.compile("\"messageId\":\"([^\"]+)\"");

  private final ControlPlaneLink link;
  private final String cluster;
  private final CountDownLatch connected = new CountDownLatch(1);

  private AcknowledgingAgent(ControlPlaneLink link, String cluster) {
    this.link = link;
    this.cluster = cluster;
  }

  /// Joins a cluster that exists; returns when tasks can be placed.
  static AcknowledgingAgent join(GantryProcess gantry, String cluster)
      throws IOException, InterruptedException {
    ControlPlaneLink link =
        new ControlPlaneLink(
            gantry.endpoint(), GantryProcess.REGION, gantry::credentials, InstantSource.system());
    AcknowledgingAgent agent = new AcknowledgingAgent(link, cluster);
    try {
      agent.connect();
      return agent;
    } catch (IOException | InterruptedException | RuntimeException e) {
      agent.close();
      throw e;
    }
  }

  private void connect() throws IOException, InterruptedException {
    ContainerInstance instance =
        Objects.requireNonNull(
            link.call(
                    GantryProcess.REGION,
                    Ecs.REGISTER_CONTAINER_INSTANCE,
                    RegisterContainerInstanceRequest.builder()
                        .cluster(cluster)
                        .attributes(
                            List.of(Attribute.builder().name("ecs.os-type").value("linux").build()))
                        .totalResources(
                            List.of(
                                integer("CPU"),
                                integer("MEMORY"),
                                ports("PORTS"),
                                ports("PORTS_UDP")))
                        .build())
                .containerInstance());
    String arn = Objects.requireNonNull(instance.containerInstanceArn());
    String acs =
        Objects.requireNonNull(
            link.call(
                    GantryProcess.REGION,
                    Ecs.DISCOVER_POLL_ENDPOINT,
                    DiscoverPollEndpointRequest.builder()
                        .cluster(cluster)
                        .containerInstance(arn)
                        .build())
                .endpoint());
    URI base = URI.create("ws" + acs.substring("http".length()) + (acs.endsWith("/") ? "" : "/"));
    String query =
        "agentHash=0&agentVersion=1.0.0&clusterArn="
            + escape(cluster)
            + "&containerInstanceArn="
            + escape(arn)
            + "&dockerVersion=0&protocolVersion=2&seqNum=1&sendCredentials=true";
    link.open(SOCKET, Channel.ACS, base.resolve("ws?" + query).toString(), new Answers(arn));
    if (!connected.await(CONNECT_LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("the agent's socket was not opened");
    }
  }

  private static String escape(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static Resource integer(String name) {
    return Resource.builder().name(name).type("INTEGER").integerValue(PLENTY).build();
  }

  private static Resource ports(String name) {
    return Resource.builder().name(name).type("STRINGSET").stringSetValue(List.of()).build();
  }

  @Override
  public void close() {
    link.close();
  }

  private final class Answers implements ControlPlaneLink.SocketEvents {
    private final String instance;

    Answers(String instance) {
      this.instance = instance;
    }

    @Override
    public void opened(long socket) {
      connected.countDown();
    }

    @Override
    public void refused(long socket, int status, String body) {
      System.err.println("bench: the agent's socket was refused: " + status + " " + body);
    }

    @Override
    public void text(long socket, String text) {
      MessageEnvelope envelope = MessageEnvelope.parse(text);
      Matcher id = MESSAGE_ID.matcher(text);
      if (envelope == null || !id.find()) {
        return;
      }
      switch (envelope.type()) {
        case "PayloadMessage", "TaskManifestMessage" ->
            send(
                "AckRequest",
                AckRequest.SHAPE,
                AckRequest.builder()
                    .cluster(cluster)
                    .containerInstance(instance)
                    .messageId(id.group(1))
                    .build());
        case "HeartbeatMessage" ->
            send(
                "HeartbeatAckRequest",
                HeartbeatAckRequest.SHAPE,
                HeartbeatAckRequest.builder().messageId(id.group(1)).build());
        default -> {}
      }
    }

    @Override
    public void binary(long socket, byte[] message) {
      System.err.println("bench: binary messages are not for agents that run nothing");
    }

    private <T> void send(String type, Structure<T> shape, T message) {
      link.send(SOCKET, MessageEnvelope.wrap(type, AwsJson.encodeToString(shape, message)));
    }

    @Override
    public void closed(long socket, int code, String reason) {}
  }
}
