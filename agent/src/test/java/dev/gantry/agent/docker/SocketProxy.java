package dev.gantry.agent.docker;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A unix socket in front of the engine's, whose connections can be cut.
final class SocketProxy implements AutoCloseable {
  private final DockerEndpoint target;
  private final Path socket;
  private final ServerSocketChannel server;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private volatile boolean refusing;

  SocketProxy(DockerEndpoint target, Path directory) throws IOException {
    this.target = target;
    this.socket = directory.resolve("proxy.sock");
    this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Thread.ofVirtual().start(this::accept);
  }

  DockerEndpoint endpoint() {
    return DockerEndpoint.parse("unix://" + socket, "test");
  }

  /// Ends all connections, and each new one at once.
  void cut() throws IOException {
    refusing = true;
    cutOnce();
  }

  /// Ends all connections; new ones are let through.
  void cutOnce() throws IOException {
    for (SocketChannel channel : open) {
      channel.close();
    }
  }

  /// Lets connections through again.
  void mend() {
    refusing = false;
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel client = server.accept();
        if (refusing) {
          client.close();
          continue;
        }
        SocketChannel engine = SocketChannel.open(target.address());
        open.add(client);
        open.add(engine);
        Thread.ofVirtual().start(() -> copy(client, engine));
        Thread.ofVirtual().start(() -> copy(engine, client));
      }
    } catch (IOException closed) {
      return;
    }
  }

  private void copy(SocketChannel from, SocketChannel to) {
    ByteBuffer buffer = ByteBuffer.allocate(16 * 1024);
    try (from;
        to) {
      while (from.read(buffer.clear()) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
      }
    } catch (IOException cut) {
      return;
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    cut();
    Files.deleteIfExists(socket);
  }
}
