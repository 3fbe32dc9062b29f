package dev.gantry.conformance.fuzz;

import dev.gantry.conformance.fuzz.Answers.Answer;
import dev.gantry.conformance.fuzz.Answers.WrongAnswer;
import dev.gantry.conformance.fuzz.Conversation.Step;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.jspecify.annotations.Nullable;

/// Holds conversations, one after another, with a server on the loopback address, and judges the
/// answers. One per thread.
final class Client implements AutoCloseable {
  /// No answer by then is a hang: the server's own limits on what the fuzzer does are 10 s at most.
  private static final int PATIENCE_MILLIS = 45_000;

  private static final int CONNECT_MILLIS = 20_000;

  private final int port;
  private final Abandoned abandoned;
  private final Tally tally;
  private @Nullable Socket kept;
  private @Nullable Answers keptAnswers;

  Client(int port, Abandoned abandoned, Tally tally) {
    this.port = port;
    this.abandoned = abandoned;
    this.tally = tally;
  }

  /// Holds one conversation.
  ///
  /// @throws WrongAnswer if the server did not answer as it must
  void hold(Conversation conversation) throws IOException, InterruptedException {
    tally.count(conversation);
    switch (conversation.protocol()) {
      case CALL -> {
        Answer answer = call(conversation.bytes());
        tally.answered(answer.status());
        judgeCall(answer);
        if (answer.status() == 200) {
          tally.succeeded(conversation.operation());
        }
      }
      case HTTP, NONE, SOCKET -> apart(conversation);
    }
  }

  /// One orderly request on the connection that is kept.
  Answer call(byte[] request) throws IOException {
    for (int attempt = 1; ; attempt++) {
      boolean fresh = kept == null;
      Socket socket = kept;
      if (socket == null || keptAnswers == null) {
        socket = open();
        kept = socket;
        keptAnswers = new Answers(new BufferedInputStream(socket.getInputStream()));
      }
      try {
        socket.getOutputStream().write(request);
        Answer answer = keptAnswers.next(false);
        if (answer != null) {
          if (answer.closes()) {
            close();
          }
          return answer;
        }
      } catch (SocketTimeoutException _) {
        close();
        throw new WrongAnswer("no answer in " + PATIENCE_MILLIS + " ms");
      } catch (IOException e) {
        if (fresh) {
          close();
          throw new WrongAnswer("the connection broke: " + e.getMessage());
        }
      }
      close();
      if (fresh || attempt > 2) {
        throw new WrongAnswer("the connection was closed without an answer");
      }
    }
  }

  private static void judgeCall(Answer answer) {
    boolean refused = answer.status() >= 400 && answer.status() < 500;
    if (answer.status() != 200 && !refused) {
      throw new WrongAnswer("answered with " + answer);
    }
    if (answer.headers().get("x-amzn-requestid") == null || answer.headers().get("date") == null) {
      throw new WrongAnswer("no request id or date: " + answer);
    }
    if (refused && !answer.text().startsWith("{\"__type\":\"")) {
      throw new WrongAnswer("not AWS's form of an error: " + answer);
    }
  }

  private void apart(Conversation conversation) throws IOException, InterruptedException {
    Socket socket = open();
    boolean left = false;
    try {
      for (Step step : conversation.steps()) {
        switch (step) {
          case Step.Send send -> write(socket, send.bytes());
          case Step.Pause pause -> Thread.sleep(pause.millis());
          case Step.EndOutput _ -> endOutput(socket);
          case Step.Reset _ -> {
            // Closing it resets it, below.
          }
          case Step.Abandon _ -> left = true;
        }
      }
      if (left) {
        abandoned.add(socket);
        return;
      }
      switch (conversation.protocol()) {
        case HTTP -> readHttp(socket, conversation.answers());
        case SOCKET -> readSocket(socket);
        case NONE, CALL -> {
          // Nobody waits.
        }
      }
    } finally {
      if (!left) {
        reset(socket);
      }
    }
  }

  private void readHttp(Socket socket, int most) throws IOException {
    Answers answers = new Answers(new BufferedInputStream(socket.getInputStream()));
    int count = 0;
    boolean closed = false;
    try {
      for (Answer answer = answers.next(false); answer != null; answer = answers.next(false)) {
        tally.answered(answer.status());
        if (closed) {
          throw new WrongAnswer("an answer after the last one: " + answer);
        }
        if (++count > most) {
          throw new WrongAnswer(count + " answers, though at most " + most + ": " + answer);
        }
        judgeHttp(answer);
        closed = answer.closes();
        if (answer.status() == 101) {
          answers.frames();
          return;
        }
      }
    } catch (SocketTimeoutException _) {
      throw new WrongAnswer("the connection hangs after " + count + " answers");
    } catch (IOException _) {
      // Reset: what was sent was not read to its end.
      tally.reset();
    }
  }

  private static void judgeHttp(Answer answer) {
    int status = answer.status();
    boolean notImplemented = status == 501 && answer.text().contains("NotImplementedException");
    if (status != 200
        && status != 101
        && status != 505
        && (status < 400 || status > 499)
        && !notImplemented) {
      throw new WrongAnswer("answered with " + answer);
    }
  }

  private void readSocket(Socket socket) throws IOException {
    Answers answers = new Answers(new BufferedInputStream(socket.getInputStream()));
    try {
      Answer answer = answers.next(false);
      if (answer == null) {
        return;
      }
      tally.answered(answer.status());
      if (answer.status() == 101) {
        answers.frames();
      } else {
        judgeHttp(answer);
      }
    } catch (SocketTimeoutException _) {
      throw new WrongAnswer("the socket hangs");
    } catch (IOException _) {
      tally.reset();
    }
  }

  private Socket open() throws IOException {
    Socket socket = new Socket();
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
    return socket;
  }

  private static void write(Socket socket, byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException _) {
      // It has refused already; its answer, if there is one, can be read.
    }
  }

  private static void endOutput(Socket socket) {
    try {
      socket.shutdownOutput();
    } catch (IOException _) {
      // It is reset already.
    }
  }

  /// Closes without the wait in which the port could not be used again.
  static void reset(Socket socket) {
    try (socket) {
      socket.setSoLinger(true, 0);
    } catch (IOException _) {
      // It is closed then.
    }
  }

  @Override
  public void close() {
    Socket socket = kept;
    if (socket != null) {
      reset(socket);
    }
    kept = null;
    keptAnswers = null;
  }
}
