package dev.gantry.agent.docker;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// An engine that answers what a test tells it to, on a unix socket.
final class ScriptedEngine implements AutoCloseable {
  /// What it does with a request.
  interface Script {
    void serve(Call call) throws IOException;
  }

  private final Path socket;
  private final ServerSocketChannel server;
  private final Script script;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private final List<String> requests = new CopyOnWriteArrayList<>();

  ScriptedEngine(Path directory, Script script) throws IOException {
    this.socket = directory.resolve("scripted.sock");
    this.script = script;
    this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Thread.ofVirtual().start(this::accept);
  }

  /// An answer with a body of known length.
  static String answer(int status, String body) {
    return "HTTP/1.1 "
        + status
        + " Said\r\nContent-Length: "
        + body.getBytes(StandardCharsets.UTF_8).length
        + "\r\n\r\n"
        + body;
  }

  DockerEndpoint endpoint() {
    return DockerEndpoint.parse("unix://" + socket, "test");
  }

  /// Connection number (from 1), request line and body of each request so far: `1 GET /x HTTP/1.1`.
  List<String> requests() {
    return requests;
  }

  /// One request, and how to answer it.
  static final class Call {
    final int connection;
    final String line;
    final String head;
    private final SocketChannel channel;
    private final OutputStream out;

    private Call(int connection, String head, SocketChannel channel, OutputStream out) {
      this.connection = connection;
      this.head = head;
      this.line = head.substring(0, head.indexOf('\r'));
      this.channel = channel;
      this.out = out;
    }

    void send(String raw) throws IOException {
      out.write(raw.getBytes(StandardCharsets.UTF_8));
      out.flush();
    }

    /// Sends the bytes one by one, so that the reader sees every possible split.
    void drip(String raw) throws IOException {
      for (byte b : raw.getBytes(StandardCharsets.UTF_8)) {
        out.write(b);
        out.flush();
      }
    }

    void close() throws IOException {
      channel.close();
    }
  }

  private void accept() {
    int connections = 0;
    try {
      while (true) {
        SocketChannel channel = server.accept();
        open.add(channel);
        int number = ++connections;
        Thread.ofVirtual().start(() -> serve(number, channel));
      }
    } catch (IOException closed) {
      return;
    }
  }

  private void serve(int number, SocketChannel channel) {
    try (channel) {
      InputStream in = Channels.newInputStream(channel);
      OutputStream out = Channels.newOutputStream(channel);
      while (true) {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
          int b = in.read();
          if (b < 0) {
            throw new EOFException();
          }
          head.append((char) b);
        }
        int length = 0;
        for (String header : head.toString().lines().toList()) {
          if (header.toLowerCase(Locale.ROOT).startsWith("content-length: ")) {
            length = Integer.parseInt(header.substring(16));
          }
        }
        in.readNBytes(length);
        Call call = new Call(number, head.toString(), channel, out);
        requests.add(number + " " + call.line);
        script.serve(call);
      }
    } catch (IOException over) {
      open.remove(channel);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (SocketChannel channel : open) {
      channel.close();
    }
    Files.deleteIfExists(socket);
  }
}
