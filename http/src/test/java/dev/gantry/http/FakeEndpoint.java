package dev.gantry.http;

import dev.gantry.wire.Endpoint;
import dev.gantry.wire.Headers;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.SocketListener;
import dev.gantry.wire.TextSocket;
import dev.gantry.wire.WireRequest;
import dev.gantry.wire.WireResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/// An endpoint that remembers what it was asked and answers as a test wishes; by default with what
/// it was sent.
final class FakeEndpoint implements Endpoint {
  static final int LIMIT = 100_000;

  final BlockingQueue<WireRequest> requests = new LinkedBlockingQueue<>();
  final BlockingQueue<RequestHead> upgrades = new LinkedBlockingQueue<>();
  volatile BiConsumer<WireRequest, Consumer<WireResponse>> handling =
      (request, answer) ->
          answer.accept(text(200, new String(request.body(), StandardCharsets.UTF_8)));
  volatile Function<RequestHead, Upgrade> upgrading = head -> new Upgrade.Refused(text(404, "no"));

  static WireResponse text(int status, String body) {
    return new WireResponse(
        status,
        Headers.of("Content-Type", "text/plain", "X-Echo", "yes"),
        body.getBytes(StandardCharsets.UTF_8));
  }

  static <T> T take(BlockingQueue<T> queue) throws InterruptedException {
    T taken = queue.poll(30, TimeUnit.SECONDS);
    if (taken == null) {
      throw new AssertionError("nothing came");
    }
    return taken;
  }

  @Override
  public long bodyLimit(RequestHead head) {
    return LIMIT;
  }

  @Override
  public WireResponse tooLarge(RequestHead head) {
    return text(413, "too large");
  }

  @Override
  public void handle(WireRequest request, Consumer<WireResponse> answer) {
    requests.add(request);
    handling.accept(request, answer);
  }

  @Override
  public Upgrade upgrade(RequestHead head) {
    upgrades.add(head);
    return upgrading.apply(head);
  }

  /// A listener that writes down what it hears and echoes.
  static class Recorder implements SocketListener {
    final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    final BlockingQueue<TextSocket> sockets = new LinkedBlockingQueue<>();

    @Override
    public void opened(TextSocket socket) {
      heard.add("opened");
      sockets.add(socket);
    }

    @Override
    public void text(String message) {
      heard.add("text " + message);
    }

    @Override
    public void closed(int code, String reason) {
      heard.add("closed " + code + " " + reason);
    }
  }
}
