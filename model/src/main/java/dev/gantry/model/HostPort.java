package dev.gantry.model;

/// A port of a host.
public record HostPort(Protocol protocol, int port) implements Comparable<HostPort> {
  /// @throws IllegalArgumentException if the port is not within 1 to 65535
  public HostPort {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("not a port: " + port);
    }
  }

  /// The transport a port belongs to.
  public enum Protocol {
    TCP,
    UDP
  }

  @Override
  public int compareTo(HostPort other) {
    int byProtocol = protocol.compareTo(other.protocol);
    return byProtocol != 0 ? byProtocol : Integer.compare(port, other.port);
  }
}
