package dev.gantry.agent.runner;

import dev.gantry.api.acs.PayloadMessage;
import dev.gantry.api.acs.Task;
import dev.gantry.api.ecs.Attribute;
import dev.gantry.api.ecs.ContainerInstance;
import dev.gantry.api.ecs.DiscoverPollEndpointRequest;
import dev.gantry.api.ecs.DiscoverPollEndpointResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.RegisterContainerInstanceRequest;
import dev.gantry.api.ecs.RegisterContainerInstanceResponse;
import dev.gantry.api.ecs.SubmitTaskStateChangeRequest;
import dev.gantry.api.ecs.SubmitTaskStateChangeResponse;
import dev.gantry.api.logs.CreateLogStreamRequest;
import dev.gantry.api.logs.EventOrigin;
import dev.gantry.api.logs.InputLogEvent;
import dev.gantry.api.logs.Logs;
import dev.gantry.api.logs.PutLogEventsRequest;
import dev.gantry.api.logs.PutLogEventsResponse;
import dev.gantry.http.HelidonServer;
import dev.gantry.wire.Endpoint;
import dev.gantry.wire.SocketListener;
import dev.gantry.wire.TextSocket;
import dev.gantry.wire.auth.CredentialResolver;
import dev.gantry.wire.auth.Credentials;
import dev.gantry.wire.auth.Principal;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.json.MessageEnvelope;
import dev.gantry.wire.server.Answer;
import dev.gantry.wire.server.AwsEndpoint;
import dev.gantry.wire.server.Call;
import dev.gantry.wire.server.SocketCall;
import dev.gantry.wire.shape.ServiceException;
import dev.gantry.wire.shape.Unit;
import java.net.InetAddress;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;

/// As much of a control plane as one agent needs, on a real port: it verifies signatures, takes
/// everything and remembers it.
final class TinyControlPlane implements AutoCloseable {
  static final Credentials KEY = Credentials.of("AKIDEXAMPLE", "secret");
  static final String INSTANCE = "arn:aws:ecs:us-east-1:000000000000:container-instance/default/i1";

  final BlockingQueue<SubmitTaskStateChangeRequest> reports = new LinkedBlockingQueue<>();
  final BlockingQueue<TextSocket> acs = new LinkedBlockingQueue<>();
  final BlockingQueue<String> acsFrames = new LinkedBlockingQueue<>();
  final BlockingQueue<String> tcsFrames = new LinkedBlockingQueue<>();
  final List<String> faults = new ArrayList<>();

  /// Nothing of a log is taken while somebody holds this.
  final Semaphore logGate = new Semaphore(1);

  private final List<String> logged = new ArrayList<>();
  private final Map<String, Long> counted = new LinkedHashMap<>();
  private final HelidonServer server;
  private int messages;

  TinyControlPlane() {
    AwsEndpoint endpoint =
        new AwsEndpoint(
            List.of(Ecs.SERVICE, Logs.SERVICE),
            this::handle,
            this::upgrade,
            (accessKeyId, token) ->
                new CredentialResolver.Resolution.Known(
                    new Principal("000000000000", "arn:aws:iam::000000000000:root"), KEY.secret()),
            InstantSource.system(),
            () -> "request",
            (id, what, cause) -> {
              synchronized (faults) {
                faults.add(what + ": " + cause);
              }
            });
    server = new HelidonServer(endpoint, InetAddress.getLoopbackAddress(), 0);
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.port());
  }

  void payload(TextSocket socket, Task task) {
    messages++;
    PayloadMessage message =
        PayloadMessage.builder()
            .messageId("m" + messages)
            .seqNum(messages)
            .tasks(List.of(task))
            .build();
    socket.send(
        MessageEnvelope.wrap(
            "PayloadMessage", AwsJson.encodeToString(PayloadMessage.SHAPE, message)));
  }

  List<String> logged() {
    synchronized (logged) {
      return new ArrayList<>(logged);
    }
  }

  private void handle(Call call, Answer answer) {
    switch (call.input()) {
      case RegisterContainerInstanceRequest request ->
          answer.success(
              RegisterContainerInstanceResponse.builder()
                  .containerInstance(
                      ContainerInstance.builder()
                          .containerInstanceArn(INSTANCE)
                          .attributes(
                              new ArrayList<Attribute>(
                                  Objects.requireNonNull(request.attributes())))
                          .build())
                  .build());
      case DiscoverPollEndpointRequest _ ->
          answer.success(
              DiscoverPollEndpointResponse.builder()
                  .endpoint(uri() + "/acs/")
                  .telemetryEndpoint(uri() + "/tcs/")
                  .build());
      case SubmitTaskStateChangeRequest request -> {
        reports.add(request);
        answer.success(SubmitTaskStateChangeResponse.builder().acknowledgment("ok").build());
      }
      case CreateLogStreamRequest _ -> answer.success(Unit.UNIT);
      case PutLogEventsRequest request -> {
        logGate.acquireUninterruptibly();
        logGate.release();
        EventOrigin origin = Objects.requireNonNull(EventOrigin.parse(request.sequenceToken()));
        synchronized (logged) {
          long position = origin.position();
          for (InputLogEvent event : Objects.requireNonNull(request.logEvents())) {
            if (position++ >= counted.getOrDefault(origin.writer(), 0L)) {
              counted.put(origin.writer(), position);
              logged.add(String.valueOf(event.message()));
            }
          }
        }
        answer.success(PutLogEventsResponse.builder().build());
      }
      default -> answer.failure(new ServiceException("ClientException", 400, "unexpected"));
    }
  }

  private Endpoint.Upgrade upgrade(SocketCall call) {
    boolean acsSocket = call.path().startsWith("/acs/");
    return new Endpoint.Upgrade.Accepted(
        new SocketListener() {
          @Override
          public void opened(TextSocket socket) {
            if (acsSocket) {
              acs.add(socket);
            }
          }

          @Override
          public void text(String message) {
            (acsSocket ? acsFrames : tcsFrames).add(message);
          }

          @Override
          public void closed(int code, String reason) {}
        });
  }

  @Override
  public void close() {
    server.close();
  }
}
