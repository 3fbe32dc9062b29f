package dev.gantry.api.ssmmessages;

/// Where the channels of sessions are: the paths of Amazon's message gateway (amazon-ssm-agent,
/// `agent/session/service`), each with the channel's id behind it.
public final class ChannelPaths {
  /// What an agent's requests for channels are signed for.
  public static final String SIGNING_NAME = "ssmmessages";

  /// Before the id of an agent's control channel, on which it hears of new sessions.
  public static final String CONTROL = "/v1/control-channel/";

  /// Before a session's id: its data channel, opened by client and agent alike.
  public static final String DATA = "/v1/data-channel/";

  /// The query of a control channel.
  public static final String CONTROL_QUERY = "role=subscribe&stream=input";

  /// The query of a data channel.
  public static final String DATA_QUERY = "role=publish_subscribe";

  /// The version that every first frame of a channel names.
  public static final String SCHEMA_VERSION = "1.0";

  private ChannelPaths() {}
}
