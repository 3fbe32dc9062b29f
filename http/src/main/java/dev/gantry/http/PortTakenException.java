package dev.gantry.http;

/// Somebody else listens on the port.
public final class PortTakenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String address;
  private final int port;

  PortTakenException(String address, int port, Throwable cause) {
    super("port " + port + " of " + address + " is taken by another program", cause);
    this.address = address;
    this.port = port;
  }

  /// The address that was to be bound.
  public String address() {
    return address;
  }

  /// The port that was asked for.
  public int port() {
    return port;
  }
}
