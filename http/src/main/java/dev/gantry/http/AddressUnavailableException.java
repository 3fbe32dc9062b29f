package dev.gantry.http;

/// The address cannot be listened on: this host does not have it, or may not use the port.
public final class AddressUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  AddressUnavailableException(String address, int port, Throwable cause) {
    super("cannot listen on port " + port + " of " + address + ": " + cause.getMessage(), cause);
  }
}
