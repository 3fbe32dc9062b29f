package dev.gantry.control;

import dev.gantry.api.ssmmessages.ChannelPaths;
import dev.gantry.control.exec.ExecSocket;
import dev.gantry.control.exec.ExecSocket.Purpose;
import dev.gantry.control.session.AgentPaths;
import dev.gantry.control.session.AgentSessions;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstance.ContainerInstanceStatus;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.wire.Endpoint.Upgrade;
import dev.gantry.wire.Headers;
import dev.gantry.wire.SocketListener;
import dev.gantry.wire.TextSocket;
import dev.gantry.wire.WireResponse;
import dev.gantry.wire.server.SocketCall;
import dev.gantry.wire.server.SocketHandler;
import dev.gantry.wire.server.UnsignedCall;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Where sockets are opened: by agents, whose instance must exist, and by both ends of a session in
/// a container. Takes what happens on them to the writer.
public final class ControlSockets implements SocketHandler {
  private final Supplier<Snapshot> snapshots;
  private final Inbox inbox;
  private final AtomicLong lastId = new AtomicLong();

  /// @param snapshots gives the latest durable snapshot, from any thread
  /// @param inbox the way to the writer
  public ControlSockets(Supplier<Snapshot> snapshots, Inbox inbox) {
    this.snapshots = snapshots;
    this.inbox = inbox;
  }

  @Override
  public Upgrade upgrade(SocketCall call) {
    if (call.path().startsWith(ChannelPaths.DATA)) {
      return data(call.path(), true);
    }
    if (call.path().startsWith(ChannelPaths.CONTROL)) {
      return control(call);
    }
    if (!call.path().equals(AgentPaths.ACS + AgentPaths.SOCKET)
        && !call.path().equals(AgentPaths.TCS + AgentPaths.SOCKET)) {
      return refused(404, "BadRequestException", "There is no socket at " + call.path());
    }
    ContainerInstanceId id = AgentSessions.instanceOf(call);
    ContainerInstance instance = id == null ? null : snapshots.get().state().containerInstance(id);
    if (instance == null) {
      return refused(400, "InvalidInstanceException", "The container instance is not known.");
    }
    if (instance.status() == ContainerInstanceStatus.INACTIVE) {
      return refused(400, "InactiveInstanceException", "The container instance is INACTIVE.");
    }
    return new Upgrade.Accepted(new Forwarding(lastId.incrementAndGet(), call));
  }

  /// Channels of sessions are those of Amazon's message gateway, and signed for it.
  @Override
  public List<String> signingNames() {
    return List.of(ChannelPaths.SIGNING_NAME);
  }

  /// A client shows its token on the socket. Newer session-manager-plugins sign their request as
  /// well, older ones do not, and what the token does not allow no signature would.
  @Override
  public @Nullable Upgrade unsigned(UnsignedCall call) {
    return call.path().startsWith(ChannelPaths.DATA) ? data(call.path(), false) : null;
  }

  private Upgrade data(String path, boolean signed) {
    String session = path.substring(ChannelPaths.DATA.length());
    if (!snapshots.get().execSessions().contains(session)) {
      return refused(404, "BadRequestException", "There is no such session.");
    }
    return new Upgrade.AcceptedBinary(
        new ExecSocket(lastId.incrementAndGet(), new Purpose.Data(session, signed), inbox));
  }

  private Upgrade control(SocketCall call) {
    ContainerInstanceId id =
        AgentSessions.instanceOfChannel(call, call.path().substring(ChannelPaths.CONTROL.length()));
    ContainerInstance instance = id == null ? null : snapshots.get().state().containerInstance(id);
    if (id == null || instance == null) {
      return refused(400, "InvalidInstanceException", "The container instance is not known.");
    }
    if (!instance.isMember()) {
      return refused(400, "InactiveInstanceException", "The container instance is INACTIVE.");
    }
    return new Upgrade.AcceptedBinary(
        new ExecSocket(lastId.incrementAndGet(), new Purpose.Control(id), inbox));
  }

  /// The form in which agents read a refused handshake: one key, the error's type (agent-protocol
  /// section 2).
  private static Upgrade refused(int status, String type, String text) {
    return new Upgrade.Refused(
        new WireResponse(
            status,
            Headers.of("Content-Type", "application/json"),
            ("{\"" + type + "\":\"" + text.replace("\\", "").replace("\"", "") + "\"}")
                .getBytes(StandardCharsets.UTF_8)));
  }

  private final class Forwarding implements SocketListener {
    private final long id;
    private final SocketCall call;
    private volatile boolean dropped;

    Forwarding(long id, SocketCall call) {
      this.id = id;
      this.call = call;
    }

    @Override
    public void opened(TextSocket socket) {
      if (!inbox.offer(new ControlEvent.SocketOpened(id, call, socket))) {
        dropped = true;
        socket.close(1013, "busy");
      }
    }

    @Override
    public void text(String message) {
      // Losing an acknowledgement is safe: what it was for is sent again.
      if (!dropped) {
        inbox.offer(new ControlEvent.SocketText(id, message));
      }
    }

    @Override
    public void closed(int code, String reason) {
      inbox.offer(new ControlEvent.SocketClosed(id));
    }
  }
}
