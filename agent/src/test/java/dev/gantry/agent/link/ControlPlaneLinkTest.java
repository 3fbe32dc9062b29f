package dev.gantry.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.agent.AgentEffect.Channel;
import dev.gantry.api.ecs.DiscoverPollEndpointRequest;
import dev.gantry.api.ecs.DiscoverPollEndpointResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.http.HelidonServer;
import dev.gantry.wire.Endpoint;
import dev.gantry.wire.Headers;
import dev.gantry.wire.SocketListener;
import dev.gantry.wire.TextSocket;
import dev.gantry.wire.WireResponse;
import dev.gantry.wire.auth.CredentialResolver;
import dev.gantry.wire.auth.Credentials;
import dev.gantry.wire.auth.Principal;
import dev.gantry.wire.auth.SignedFrame;
import dev.gantry.wire.server.AwsEndpoint;
import dev.gantry.wire.server.SocketCall;
import dev.gantry.wire.shape.ServiceException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The link against a real server that verifies every signature.
final class ControlPlaneLinkTest {
  private static final Credentials KEY = Credentials.of("AKIDEXAMPLE", "secret");

  private final BlockingQueue<String> atServer = new LinkedBlockingQueue<>();
  private final BlockingQueue<TextSocket> serverSockets = new LinkedBlockingQueue<>();
  private final BlockingQueue<SocketCall> upgrades = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> atAgent = new LinkedBlockingQueue<>();
  private @Nullable WireResponse refusal;

  private HelidonServer server;
  private ControlPlaneLink link;

  @BeforeEach
  void start() throws IOException {
    AwsEndpoint endpoint =
        new AwsEndpoint(
            List.of(Ecs.SERVICE),
            (call, answer) -> {
              DiscoverPollEndpointRequest input = (DiscoverPollEndpointRequest) call.input();
              if ("missing".equals(input.cluster())) {
                answer.failure(EcsErrors.clientException("Cluster not found."));
              } else {
                answer.success(
                    DiscoverPollEndpointResponse.builder()
                        .endpoint(call.region() + "/" + input.cluster())
                        .build());
              }
            },
            this::upgrade,
            (accessKeyId, token) ->
                accessKeyId.equals(KEY.accessKeyId())
                    ? new CredentialResolver.Resolution.Known(
                        new Principal("000000000000", "arn:aws:iam::000000000000:root"),
                        KEY.secret())
                    : new CredentialResolver.Resolution.UnknownKey(),
            InstantSource.system(),
            () -> "request",
            (id, what, cause) -> atServer.add("fault " + cause));
    server = new HelidonServer(endpoint, InetAddress.getLoopbackAddress(), 0);
    link = link(KEY);
  }

  private ControlPlaneLink link(Credentials credentials) {
    return new ControlPlaneLink(
        URI.create("http://127.0.0.1:" + server.port()),
        "us-east-1",
        () -> credentials,
        InstantSource.system());
  }

  @AfterEach
  void stop() {
    link.close();
    server.close();
  }

  private Endpoint.Upgrade upgrade(SocketCall call) {
    upgrades.add(call);
    WireResponse no = refusal;
    if (no != null) {
      return new Endpoint.Upgrade.Refused(no);
    }
    return new Endpoint.Upgrade.Accepted(
        new SocketListener() {
          @Override
          public void opened(TextSocket socket) {
            serverSockets.add(socket);
          }

          @Override
          public void text(String message) {
            atServer.add(message);
          }

          @Override
          public void closed(int code, String reason) {
            atServer.add("closed " + code + " " + reason);
          }
        });
  }

  private final ControlPlaneLink.SocketEvents events =
      new ControlPlaneLink.SocketEvents() {
        @Override
        public void opened(long socket) {
          atAgent.add(socket + " opened");
        }

        @Override
        public void refused(long socket, int status, String body) {
          atAgent.add(socket + " refused " + status + " " + body);
        }

        @Override
        public void text(long socket, String text) {
          atAgent.add(socket + " text " + text);
        }

        @Override
        public void binary(long socket, byte[] message) {
          atAgent.add(socket + " binary " + HexFormat.of().formatHex(message));
        }

        @Override
        public void closed(long socket, int code, String reason) {
          atAgent.add(socket + " closed " + code + " " + reason);
        }
      };

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T item = queue.poll(20, TimeUnit.SECONDS);
    assertThat(item).as("something within 20 s").isNotNull();
    return item;
  }

  private String url(String path) {
    return "ws://127.0.0.1:"
        + server.port()
        + path
        + "ws?agentVersion=1&dockerVersion=DockerVersion%3A%2020.10&seqNum=1";
  }

  @Test
  void aCallIsSignedForTheRegionAskedFor() throws Exception {
    DiscoverPollEndpointResponse answer =
        link.call(
            "eu-west-1",
            Ecs.DISCOVER_POLL_ENDPOINT,
            DiscoverPollEndpointRequest.builder().cluster("c").build());
    assertThat(answer.endpoint()).isEqualTo("eu-west-1/c");
  }

  @Test
  void aRefusalIsTheServicesOwn() {
    assertThatThrownBy(() ->
            link.call(
                "us-east-1",
                Ecs.DISCOVER_POLL_ENDPOINT,
                DiscoverPollEndpointRequest.builder().cluster("missing").build()))
        .isInstanceOfSatisfying(
            ServiceException.class,
            refused -> {
              assertThat(refused.code()).isEqualTo("ClientException");
              assertThat(refused.text()).isEqualTo("Cluster not found.");
            });
  }

  @Test
  void noServerIsNoAnswer() {
    server.close();
    assertThatThrownBy(() ->
            link.call(
                "us-east-1",
                Ecs.DISCOVER_POLL_ENDPOINT,
                DiscoverPollEndpointRequest.builder().build()))
        .isInstanceOf(IOException.class);
  }

  @Test
  void framesGoBothWaysInOrder() throws Exception {
    link.open(7, Channel.ACS, url("/acs/"), events);
    assertThat(next(atAgent)).isEqualTo("7 opened");
    SocketCall call = next(upgrades);
    assertThat(call.path()).isEqualTo("/acs/ws");
    assertThat(call.parameter("dockerVersion")).isEqualTo("DockerVersion: 20.10");
    TextSocket socket = next(serverSockets);
    for (int i = 0; i < 200; i++) {
      link.send(7, "up " + i);
      socket.send("down " + i);
    }
    for (int i = 0; i < 200; i++) {
      assertThat(next(atServer)).isEqualTo("up " + i);
      assertThat(next(atAgent)).isEqualTo("7 text down " + i);
    }
  }

  @Test
  void telemetryFramesAreSigned() throws Exception {
    link.open(8, Channel.TCS, url("/tcs/"), events);
    assertThat(next(atAgent)).isEqualTo("8 opened");
    link.send(8, "{\"type\":\"x\"}");
    SignedFrame frame = SignedFrame.split(next(atServer));
    assertThat(frame.body()).isEqualTo("{\"type\":\"x\"}");
    assertThat(frame.headers().first("Authorization"))
        .contains("Credential=AKIDEXAMPLE/", "/us-east-1/ecs/aws4_request")
        .contains("SignedHeaders=host;x-amz-date");
    assertThat(frame.headers().first("Host")).isEqualTo("127.0.0.1:" + server.port());
  }

  @Test
  void aServersCloseIsTold() throws Exception {
    link.open(9, Channel.ACS, url("/acs/"), events);
    assertThat(next(atAgent)).isEqualTo("9 opened");
    next(serverSockets).close(1001, "going away");
    assertThat(next(atAgent)).isEqualTo("9 closed 1001 going away");
  }

  @Test
  void anOwnCloseReachesTheServerAndIsTold() throws Exception {
    link.open(10, Channel.ACS, url("/acs/"), events);
    assertThat(next(atAgent)).isEqualTo("10 opened");
    link.send(10, "last");
    link.close(10, 1000, "ConnectionExpired: Reconnect to continue");
    assertThat(next(atServer)).isEqualTo("last");
    assertThat(next(atServer)).isEqualTo("closed 1000 ConnectionExpired: Reconnect to continue");
    assertThat(next(atAgent)).startsWith("10 closed 1000");
  }

  @Test
  void aServerThatFallsIsTold() throws Exception {
    link.open(11, Channel.ACS, url("/acs/"), events);
    assertThat(next(atAgent)).isEqualTo("11 opened");
    server.close();
    assertThat(next(atAgent)).startsWith("11 closed 10");
  }

  @Test
  void aRefusedUpgradeTellsStatusAndBody() throws Exception {
    refusal =
        new WireResponse(
            400,
            Headers.none(),
            "{\"InactiveInstanceException\":\"gone\"}".getBytes(StandardCharsets.UTF_8));
    link.open(12, Channel.ACS, url("/acs/"), events);
    assertThat(next(atAgent)).isEqualTo("12 refused 400 {\"InactiveInstanceException\":\"gone\"}");
  }

  @Test
  void aWrongKeyIsRefused() throws Exception {
    try (ControlPlaneLink forged = link(Credentials.of("AKIDEXAMPLE", "guess"))) {
      forged.open(13, Channel.ACS, url("/acs/"), events);
      assertThat(next(atAgent)).startsWith("13 refused 4");
    }
  }

  @Test
  void anUnreachableServerIsRefused() throws Exception {
    server.close();
    link.open(14, Channel.ACS, url("/acs/"), events);
    assertThat(next(atAgent)).startsWith("14 refused 0 ");
  }

  @Test
  void anAddressThatIsNoneIsRefused() throws Exception {
    link.open(15, Channel.ACS, "nonsense", events);
    assertThat(next(atAgent)).startsWith("15 refused 0 ");
    link.open(16, Channel.ACS, "://", events);
    assertThat(next(atAgent)).startsWith("16 refused 0 ");
  }
}
