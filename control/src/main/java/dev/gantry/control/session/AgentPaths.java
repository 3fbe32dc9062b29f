package dev.gantry.control.session;

/// The paths of the agents' endpoints, as DiscoverPollEndpoint hands them out. Agents append `ws`.
public final class AgentPaths {
  /// Agent communication.
  public static final String ACS = "/acs/";

  /// Telemetry.
  public static final String TCS = "/tcs/";

  /// What an agent appends.
  public static final String SOCKET = "ws";

  private AgentPaths() {}
}
