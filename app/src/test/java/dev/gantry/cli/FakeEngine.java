package dev.gantry.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// A Docker Engine that answers pings, has no containers, and knows every image. Enough for
/// commands that leave the containers to somebody else.
final class FakeEngine implements AutoCloseable {
  private final Path socket;
  private final ServerSocketChannel server;

  FakeEngine(Path directory) throws IOException {
    socket = directory.resolve("engine.sock");
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Thread.startVirtualThread(this::serve);
  }

  String url() {
    return "unix://" + socket;
  }

  private void serve() {
    while (server.isOpen()) {
      try {
        SocketChannel client = server.accept();
        Thread.startVirtualThread(() -> answer(client));
      } catch (ClosedChannelException closed) {
        return;
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
  }

  private static void answer(SocketChannel client) {
    try (client;
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(
                    Channels.newInputStream(client), StandardCharsets.ISO_8859_1));
        OutputStream out = Channels.newOutputStream(client)) {
      for (String request = in.readLine(); request != null; request = in.readLine()) {
        for (String header = in.readLine(); header != null && !header.isEmpty(); ) {
          header = in.readLine();
        }
        String body =
            request.contains("/containers/json")
                ? "[]"
                : request.contains("/_ping")
                    ? "OK"
                    : "{\"Id\":\"sha256:0\",\"ApiVersion\":\"1.41\"}";
        out.write(
            ("HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Type: application/json\r\n"
                    + "Content-Length: "
                    + body.length()
                    + "\r\n\r\n"
                    + body)
                .getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
      }
    } catch (IOException gone) {
      return;
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
