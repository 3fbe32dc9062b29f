package dev.gantry.api.ssmmessages;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One binary message of a session's channels, as Amazon's session-manager-plugin and SSM agent
/// exchange them: a header of fixed length, big-endian, and a payload. Both halves of Gantry use
/// it.
///
///     length of the header  4   what comes before the payload's length
///     type                 32   padded with blanks
///     schema version        4
///     created               8   milliseconds since 1970
///     sequence              8   counted per direction and stream, from 0
///     flags                 8   bit 0: first of its stream, bit 1: last
///     id                   16   a UUID, its less significant half first
///     digest               32   SHA-256 of the payload
///     payload type          4
///     payload length        4
///
/// @param createdMillis milliseconds since 1970
/// @param payload not to be changed
public record AgentMessage(
    String type,
    int schemaVersion,
    long createdMillis,
    long sequence,
    long flags,
    UUID id,
    int payloadType,
    byte[] payload) {

  /// From client to agent: keystrokes and what belongs to them.
  public static final String INPUT = "input_stream_data";

  /// From agent to client: output and what belongs to it.
  public static final String OUTPUT = "output_stream_data";

  /// Either way: one message of a stream has arrived; an [AcknowledgeContent].
  public static final String ACKNOWLEDGE = "acknowledge";

  /// From the service to either: the session is over; a [ChannelClosed].
  public static final String CHANNEL_CLOSED = "channel_closed";

  /// From the service to an agent: start a session; a [TaskMessage] around a [SessionTask].
  public static final String INTERACTIVE_SHELL = "interactive_shell";

  /// From agent to service: where the session stands; an [AgentSessionState].
  public static final String SESSION_STATE = "agent_session_state";

  /// From agent to service, on the control channel: the session is over or never began; an
  /// [AgentTaskComplete].
  public static final String TASK_COMPLETE = "agent_task_complete";

  /// From the service to an agent: nobody listens for now.
  public static final String PAUSE_PUBLICATION = "pause_publication";

  /// From the service to either: go on.
  public static final String START_PUBLICATION = "start_publication";

  /// The payload type of what is typed and what is written.
  public static final int PAYLOAD_OUTPUT = 1;

  /// The payload type of a [SizeData].
  public static final int PAYLOAD_SIZE = 3;

  /// The payload type of a [HandshakeRequest].
  public static final int PAYLOAD_HANDSHAKE_REQUEST = 5;

  /// The payload type of a [HandshakeResponse].
  public static final int PAYLOAD_HANDSHAKE_RESPONSE = 6;

  /// The payload type of a [HandshakeComplete].
  public static final int PAYLOAD_HANDSHAKE_COMPLETE = 7;

  /// The payload type of a control flag: four bytes, big-endian.
  public static final int PAYLOAD_FLAG = 10;

  /// The flag by which a client ends its session.
  public static final int FLAG_TERMINATE = 2;

  /// Set on the first message of a stream.
  public static final long SYN = 1;

  /// Set on messages that are no part of a stream.
  public static final long SYN_FIN = 3;

  /// The version of the header and of every payload.
  public static final int SCHEMA_VERSION = 1;

  private static final int TYPE_BYTES = 32;
  private static final int DIGEST_BYTES = 32;

  /// What the header's length says: everything before the payload's length.
  private static final int HEADER_BYTES =
      Integer.BYTES
          + TYPE_BYTES
          + Integer.BYTES
          + 3 * Long.BYTES
          + 2 * Long.BYTES
          + DIGEST_BYTES
          + Integer.BYTES;

  private static final int PAYLOAD_OFFSET = HEADER_BYTES + Integer.BYTES;

  /// @throws IllegalArgumentException if the type does not fit into its field
  public AgentMessage {
    if (type.isEmpty() || type.getBytes(StandardCharsets.UTF_8).length > TYPE_BYTES) {
      throw new IllegalArgumentException("no type of a message: " + type);
    }
  }

  /// A message that is no part of a stream.
  public static AgentMessage single(String type, long createdMillis, UUID id, byte[] payload) {
    return new AgentMessage(type, SCHEMA_VERSION, createdMillis, 0, SYN_FIN, id, 0, payload);
  }

  /// The type that the bytes of a message claim, or null if they cannot be one. All that a relay
  /// needs to know.
  public static @Nullable String typeOf(byte[] bytes) {
    if (bytes.length < PAYLOAD_OFFSET || ByteBuffer.wrap(bytes).getInt() != HEADER_BYTES) {
      return null;
    }
    String type = new String(bytes, Integer.BYTES, TYPE_BYTES, StandardCharsets.UTF_8);
    type = type.replace('\0', ' ').strip();
    return type.isEmpty() ? null : type;
  }

  /// Reads a message.
  ///
  /// @return null if the bytes are none: too short, of another length than they say, without a type
  ///   or a date, or with a digest that is not the payload's
  public static @Nullable AgentMessage decode(byte[] bytes) {
    String type = typeOf(bytes);
    if (type == null || type.getBytes(StandardCharsets.UTF_8).length > TYPE_BYTES) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    in.position(Integer.BYTES + TYPE_BYTES);
    int schemaVersion = in.getInt();
    long created = in.getLong();
    long sequence = in.getLong();
    long flags = in.getLong();
    long least = in.getLong();
    long most = in.getLong();
    byte[] digest = new byte[DIGEST_BYTES];
    in.get(digest);
    int payloadType = in.getInt();
    int length = in.getInt();
    byte[] payload = Arrays.copyOfRange(bytes, PAYLOAD_OFFSET, bytes.length);
    boolean good =
        created != 0
            && length == payload.length
            && (length == 0 || MessageDigest.isEqual(digest, digest(payload)));
    return good
        ? new AgentMessage(
            type,
            schemaVersion,
            created,
            sequence,
            flags,
            new UUID(most, least),
            payloadType,
            payload)
        : null;
  }

  /// The bytes of this message.
  public byte[] encode() {
    byte[] name = new byte[TYPE_BYTES];
    Arrays.fill(name, (byte) ' ');
    byte[] given = type.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(given, 0, name, 0, given.length);
    return ByteBuffer.allocate(PAYLOAD_OFFSET + payload.length)
        .putInt(HEADER_BYTES)
        .put(name)
        .putInt(schemaVersion)
        .putLong(createdMillis)
        .putLong(sequence)
        .putLong(flags)
        .putLong(id.getLeastSignificantBits())
        .putLong(id.getMostSignificantBits())
        .put(digest(payload))
        .putInt(payloadType)
        .putInt(payload.length)
        .put(payload)
        .array();
  }

  private static byte[] digest(byte[] payload) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(payload);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    // Terminals carry passwords.
    return "AgentMessage["
        + type
        + " "
        + sequence
        + ", payload type "
        + payloadType
        + ", bytes="
        + payload.length
        + "]";
  }
}
