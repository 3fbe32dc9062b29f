package dev.gantry.agent.link;

import java.net.URI;
import java.net.http.HttpClient;
import java.security.KeyManagementException;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/// Makes the JDK's HTTP client without what an address does not need.
///
/// Left alone, the client reads and parses the whole trust store when it is made, also where it
/// will only ever speak plain HTTP: 0.2 s of processor time at a start.
public final class HttpClients {
  private HttpClients() {}

  /// A client of HTTP/1.1 for this address.
  ///
  /// @param address by its scheme, `https` and `wss` get the JDK's own trust; a client made for any
  ///   other trusts nobody, so a TLS connection through it fails
  public static HttpClient.Builder builder(URI address) {
    HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
    return isSecure(address) ? builder : builder.sslContext(trustNobody());
  }

  /// Whether an address asks for TLS.
  static boolean isSecure(URI address) {
    String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
    return scheme.equals("https") || scheme.equals("wss");
  }

  private static SSLContext trustNobody() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[0], new TrustManager[0], null);
      return context;
    } catch (NoSuchAlgorithmException | KeyManagementException e) {
      throw new IllegalStateException("every Java platform has TLS", e);
    }
  }
}
