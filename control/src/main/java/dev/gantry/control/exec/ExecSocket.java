package dev.gantry.control.exec;

import dev.gantry.api.ssmmessages.AgentMessage;
import dev.gantry.control.ControlEvent;
import dev.gantry.control.Inbox;
import dev.gantry.control.exec.ExecRelay.Side;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.wire.BinaryListener;
import dev.gantry.wire.BinarySocket;
import org.jspecify.annotations.Nullable;

/// One socket of a session, or of an agent that waits for sessions: takes what happens on it to the
/// writer, and the stream, once the writer has let it join, straight to its relay.
public final class ExecSocket implements BinaryListener {
  /// What a socket was opened for.
  public sealed interface Purpose {
    /// An agent waits for sessions in the containers of this instance.
    record Control(ContainerInstanceId instance) implements Purpose {}

    /// One end of a session.
    ///
    /// @param signed the request's signature was verified, as an agent's must be
    record Data(String session, boolean signed) implements Purpose {}
  }

  private static final int INVALID_DATA = 1007;
  private static final int TRY_AGAIN_LATER = 1013;

  private final long id;
  private final Purpose purpose;
  private final Inbox inbox;
  private volatile @Nullable BinarySocket socket;
  private volatile @Nullable Place place;
  private volatile boolean dropped;

  /// Where a socket has joined a session.
  private record Place(ExecRelay relay, Side side) {}

  /// @param id tells sockets apart for as long as this process lives
  /// @param inbox the way to the writer
  public ExecSocket(long id, Purpose purpose, Inbox inbox) {
    this.id = id;
    this.purpose = purpose;
    this.inbox = inbox;
  }

  long id() {
    return id;
  }

  Purpose purpose() {
    return purpose;
  }

  /// The socket itself; there is one from the moment the writer hears of it.
  BinarySocket socket() {
    BinarySocket opened = socket;
    if (opened == null) {
      throw new IllegalStateException("socket " + id + " is not open");
    }
    return opened;
  }

  /// From now on its stream goes to this relay.
  void join(ExecRelay relay, Side side) {
    relay.join(side, socket());
    place = new Place(relay, side);
  }

  @Override
  public void opened(BinarySocket opened) {
    socket = opened;
    if (!inbox.offer(new ControlEvent.ExecOpened(this))) {
      dropped = true;
      opened.close(TRY_AGAIN_LATER, "busy");
    }
  }

  @Override
  public void text(String message) {
    if (!dropped && !inbox.offer(new ControlEvent.ExecText(this, message))) {
      socket().close(TRY_AGAIN_LATER, "busy");
    }
  }

  @Override
  public void binary(byte[] message) {
    if (dropped) {
      return;
    }
    String type = AgentMessage.typeOf(message);
    if (type == null) {
      socket().close(INVALID_DATA, "not a message of a session");
      return;
    }
    Place joined = place;
    if (joined != null && joined.relay().carry(joined.side(), type, message)) {
      return;
    }
    boolean forTheWriter =
        type.equals(AgentMessage.SESSION_STATE) || type.equals(AgentMessage.TASK_COMPLETE);
    if (forTheWriter && !inbox.offer(new ControlEvent.ExecMessage(this, message))) {
      socket().close(TRY_AGAIN_LATER, "busy");
    }
  }

  @Override
  public void closed(int code, String reason) {
    inbox.offer(new ControlEvent.ExecClosed(this));
  }
}
