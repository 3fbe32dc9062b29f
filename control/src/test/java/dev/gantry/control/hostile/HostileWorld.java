package dev.gantry.control.hostile;

import dev.gantry.api.ecs.AutoScalingGroupProvider;
import dev.gantry.api.ecs.CreateCapacityProviderRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.logs.CreateLogGroupRequest;
import dev.gantry.api.logs.CreateLogStreamRequest;
import dev.gantry.api.logs.InputLogEvent;
import dev.gantry.api.logs.Logs;
import dev.gantry.api.logs.PutLogEventsRequest;
import dev.gantry.control.ControlEffect;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.ControlOperations;
import dev.gantry.control.FakeAgent;
import dev.gantry.control.ServiceQuotas;
import dev.gantry.control.ecs.Definitions;
import dev.gantry.control.ecs.EcsHarness;
import dev.gantry.wire.BodyListener;
import dev.gantry.wire.Headers;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.WireRequest;
import dev.gantry.wire.WireResponse;
import dev.gantry.wire.auth.CredentialResolver.Resolution;
import dev.gantry.wire.auth.Principal;
import dev.gantry.wire.server.AwsEndpoint;
import dev.gantry.wire.shape.Operation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A control plane behind a real endpoint, with a cluster, an instance whose agent is connected, a
/// running task, and a log stream with an event: something for every name to find.
///
/// Signatures are taken on trust, as under `--auth any`; whoever is not believed gets no further
/// than the signature.
final class HostileWorld {
  private static final String TASK_FAMILY = "web";
  private static final String PROVIDER = "spare";
  private static final String GROUP = "group";
  private static final String STREAM = "stream";

  private final ControlHarness control = new ControlHarness(HostileWorld::register);
  private final AwsEndpoint endpoint;
  private final Map<String, String> names = new LinkedHashMap<>();
  private final List<String> faults = new ArrayList<>();
  private int lastRequest;

  HostileWorld() {
    endpoint =
        new AwsEndpoint(
            ControlOperations.SERVICES,
            control::handle,
            call -> {
              throw new AssertionError("no sockets here");
            },
            (key, token) ->
                new Resolution.Trusted(
                    new Principal(ControlHarness.SCOPE.account(), "arn:aws:iam::0:root")),
            control::now,
            () -> "request-" + ++lastRequest,
            (request, what, cause) -> faults.add(what + " " + cause));
    control.call(Ecs.CREATE_CLUSTER, dev.gantry.api.ecs.CreateClusterRequest.builder().build());
    control.call(
        Ecs.CREATE_CAPACITY_PROVIDER,
        CreateCapacityProviderRequest.builder()
            .name(PROVIDER)
            .autoScalingGroupProvider(
                AutoScalingGroupProvider.builder().autoScalingGroupArn("hosts").build())
            .build());
    FakeAgent agent = FakeAgent.register(control, "default").connect();
    EcsHarness.define(control, TASK_FAMILY, EcsHarness.container(TASK_FAMILY).build());
    String task = EcsHarness.runOne(control, TASK_FAMILY);
    agent.report(task, "RUNNING", FakeAgent.running(TASK_FAMILY));
    control.call(
        Logs.CREATE_LOG_GROUP, CreateLogGroupRequest.builder().logGroupName(GROUP).build());
    control.call(Logs.CREATE_LOG_STREAM, new CreateLogStreamRequest(GROUP, STREAM));
    control.call(
        Logs.PUT_LOG_EVENTS,
        PutLogEventsRequest.builder()
            .logGroupName(GROUP)
            .logStreamName(STREAM)
            .logEvents(List.of(new InputLogEvent(control.now().toEpochMilli(), "a line")))
            .build());
    control.takeEffects();
    names.put("cluster", "default");
    names.put("clusters", "default");
    names.put("clusterName", "default");
    names.put("family", TASK_FAMILY);
    names.put("familyPrefix", TASK_FAMILY);
    names.put("taskDefinition", TASK_FAMILY + ":1");
    names.put("taskDefinitions", TASK_FAMILY + ":1");
    names.put("task", task);
    names.put("tasks", task);
    names.put("containerInstance", agent.arn());
    names.put("containerInstances", agent.arn());
    names.put("containerInstanceArn", agent.arn());
    names.put("containerName", TASK_FAMILY);
    names.put("resourceArn", task);
    names.put("targetId", agent.arn());
    names.put("capacityProvider", PROVIDER);
    names.put("capacityProviders", PROVIDER);
    names.put("logGroupName", GROUP);
    names.put("logStreamName", STREAM);
  }

  private static void register(dev.gantry.control.OperationTable table) {
    ControlOperations.register(table, new Definitions(), ServiceQuotas.DEFAULTS);
  }

  /// The names of what exists, by the members that carry them.
  Map<String, String> names() {
    return names;
  }

  /// Every operation that is carried out.
  static List<Operation<?, ?>> operations() {
    return ControlOperations.table(new Definitions()).operations();
  }

  /// Sends one request and lets everything settle.
  ///
  /// @return the answer, or null if there is none
  @Nullable WireResponse send(Operation<?, ?> operation, byte[] body) {
    RequestHead head = head(operation);
    List<WireResponse> given = new ArrayList<>();
    endpoint.handle(new WireRequest(head, body), given::add);
    control.settle();
    if (given.size() > 1) {
      throw new AssertionError("answered twice");
    }
    return given.isEmpty() ? null : whole(given.getFirst());
  }

  /// Hangs up on an answer that goes on as a stream of events: it was taken, and tells no more.
  private WireResponse whole(WireResponse response) {
    BodyListener more = response.more();
    if (more == null) {
      return response;
    }
    more.closed();
    control.settle();
    return new WireResponse(
        response.status(), response.headers(), "{}".getBytes(StandardCharsets.UTF_8));
  }

  /// How the endpoint answers a request whose body is too large to be read.
  WireResponse tooLarge(Operation<?, ?> operation) {
    return endpoint.tooLarge(head(operation));
  }

  /// The bytes of body that are read for an operation.
  long bodyLimit(Operation<?, ?> operation) {
    return endpoint.bodyLimit(head(operation));
  }

  private static RequestHead head(Operation<?, ?> operation) {
    return new RequestHead(
        "POST",
        "/",
        null,
        Headers.of(
            "Host",
            "127.0.0.1:4566",
            "Content-Type",
            "application/x-amz-json-" + operation.service().jsonVersion(),
            "X-Amz-Target",
            operation.service().targetPrefix() + "." + operation.name(),
            "X-Amz-Date",
            "20260301T120000Z",
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260301/us-east-1/"
                + operation.service().signingName()
                + "/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature="
                + "0".repeat(64)),
        "test");
  }

  /// The revision of what is decided by now, durable or not: every change of a record raises it.
  long revision() {
    return control.plane().head().revision();
  }

  /// What the log store was asked to change since this was last asked.
  List<ControlEffect> logChanges() {
    return control.takeEffects().stream()
        .filter(effect ->
            switch (effect) {
              case ControlEffect.AppendLogs _,
                  ControlEffect.DeleteLogStream _,
                  ControlEffect.DeleteLogGroup _,
                  ControlEffect.ExpireLogs _ ->
                  true;
              case ControlEffect.Commit _,
                  ControlEffect.Succeed _,
                  ControlEffect.Refuse _,
                  ControlEffect.Send _,
                  ControlEffect.SendBinary _,
                  ControlEffect.Close _,
                  ControlEffect.OpenTail _,
                  ControlEffect.SendEvent _,
                  ControlEffect.EndEvents _,
                  ControlEffect.WakeAt _ ->
                  false;
            })
        .toList();
  }

  /// What went wrong inside since this was last asked.
  List<String> takeFaults() {
    List<String> taken = List.copyOf(faults);
    faults.clear();
    return taken;
  }
}
