package dev.gantry.agent.docker;

import dev.gantry.agent.ContainerRuntime.LogListener.Stream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;

/// Takes the engine's log stream apart into pieces: one written line each, or 16 KiB of one.
///
/// With `timestamps=1` every piece is a stamp of fixed width, a blank, and the bytes as the
/// container wrote them, with a line break at the end only where the container's line ended. How
/// pieces are told apart depends on the container:
/// - without a terminal, each piece is one frame: stream number (1 stdout, 2 stderr, 3 an error of
///   the engine itself), three zero bytes, the length as four bytes, the piece;
/// - with a terminal, the pieces follow each other bare. A line that the engine cut at 16 KiB is
///   followed by the next stamp without any mark, so the stamp itself is looked for there, and only
///   there: a container may well print what looks like a stamp.
///
/// Fed with whatever arrived, in order. Keeps at most one piece, of bounded size.
final class LogDecoder {
  /// Largest frame that is taken. The engine's own pieces are 16 KiB and a stamp.
  static final int MAX_FRAME_BYTES = 1024 * 1024;

  /// The size at which the engine cuts a line.
  static final int ENGINE_PIECE_BYTES = 16 * 1024;

  /// The largest piece of a terminal's line that is taken, for engines that cut later.
  static final int MAX_TERMINAL_PIECE_BYTES = 256 * 1024;

  // A stamp and the blank after it; d is any digit.
  private static final String STAMP_SHAPE = "dddd-dd-ddTdd:dd:dd.dddddddddZ ";
  private static final int PREFIX_BYTES = STAMP_SHAPE.length();
  private static final int HEADER_BYTES = 8;

  private final Sink sink;
  private final boolean terminal;

  private final byte[] header = new byte[HEADER_BYTES];
  private int headerBytes;
  private int frameLeft;

  // The frame, or the terminal's piece, as far as it has arrived.
  private byte[] piece = new byte[512];
  private int size;

  LogDecoder(boolean terminal, Sink sink) {
    this.terminal = terminal;
    this.sink = sink;
  }

  /// Hears the pieces.
  interface Sink {
    /// @throws IOException to end the reading
    void piece(Instant at, Stream stream, byte[] bytes, boolean partial) throws IOException;
  }

  /// Takes the next bytes of the stream.
  ///
  /// @throws LogUnreadable if the engine reported that it cannot read the log
  /// @throws HttpConnection.MalformedAnswer if the bytes are not such a stream
  void feed(byte[] bytes, int count) throws IOException {
    if (terminal) {
      feedTerminal(bytes, count);
    } else {
      feedFrames(bytes, count);
    }
  }

  /// Says that the stream has ended in good order.
  ///
  /// @throws HttpConnection.MalformedAnswer if it ended within a frame
  void end() throws IOException {
    if (terminal) {
      if (size > 0) {
        deliver(Stream.STDOUT, size, true);
        size = 0;
      }
    } else if (headerBytes > 0) {
      throw new HttpConnection.MalformedAnswer("log stream that ends within a frame");
    }
  }

  private void feedFrames(byte[] bytes, int count) throws IOException {
    int at = 0;
    while (at < count) {
      if (headerBytes < HEADER_BYTES) {
        int taken = Math.min(HEADER_BYTES - headerBytes, count - at);
        System.arraycopy(bytes, at, header, headerBytes, taken);
        headerBytes += taken;
        at += taken;
        if (headerBytes < HEADER_BYTES) {
          return;
        }
        frameLeft = frameLength();
        size = 0;
      }
      int taken = Math.min(frameLeft, count - at);
      append(bytes, at, taken);
      frameLeft -= taken;
      at += taken;
      if (frameLeft == 0) {
        headerBytes = 0;
        frame();
      }
    }
  }

  private int frameLength() throws IOException {
    long length =
        (header[4] & 0xFFL) << 24
            | (header[5] & 0xFFL) << 16
            | (header[6] & 0xFFL) << 8
            | (header[7] & 0xFFL);
    if (header[0] < 0 || header[0] > 3 || header[1] != 0 || header[2] != 0 || header[3] != 0) {
      throw new HttpConnection.MalformedAnswer("log stream without frames");
    }
    if (length > MAX_FRAME_BYTES) {
      throw new HttpConnection.MalformedAnswer("log frame of " + length + " bytes");
    }
    return (int) length;
  }

  private void frame() throws IOException {
    if (header[0] == 3) {
      throw new LogUnreadable(new String(piece, 0, size, StandardCharsets.UTF_8).strip());
    }
    Stream stream = header[0] == 2 ? Stream.STDERR : Stream.STDOUT;
    boolean whole = size > 0 && piece[size - 1] == '\n';
    deliver(stream, whole ? size - 1 : size, !whole);
  }

  private void feedTerminal(byte[] bytes, int count) throws IOException {
    append(bytes, 0, count);
    int from = 0;
    while (true) {
      int end = terminalPiece(from);
      if (end < 0) {
        break;
      }
      boolean whole = piece[end - 1] == '\n';
      deliverFrom(from, Stream.STDOUT, whole ? end - 1 : end, !whole);
      from = end;
    }
    if (from > 0) {
      System.arraycopy(piece, from, piece, 0, size - from);
      size -= from;
    }
  }

  /// The end of the terminal's piece that begins at `from`, or -1 if more bytes must arrive first.
  private int terminalPiece(int from) throws LogUnreadable {
    int cut = from + PREFIX_BYTES + ENGINE_PIECE_BYTES;
    int lineBreak = indexOfLineBreak(from, Math.min(size, cut));
    if (lineBreak >= 0) {
      return lineBreak + 1;
    }
    int later = indexOfLineBreak(Math.min(size, cut), size);
    if (size < cut + PREFIX_BYTES) {
      // Too little to tell a stamp from more of the line; but a stamp has no line break in it.
      return later < 0 ? -1 : later + 1;
    }
    if (isStamp(cut)) {
      return cut;
    }
    if (later < 0 && size - from > MAX_TERMINAL_PIECE_BYTES) {
      throw new LogUnreadable(
          "a line of more than " + MAX_TERMINAL_PIECE_BYTES + " bytes from a terminal");
    }
    return later < 0 ? -1 : later + 1;
  }

  private int indexOfLineBreak(int from, int to) {
    for (int i = from; i < to; i++) {
      if (piece[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  private boolean isStamp(int from) {
    for (int i = 0; i < PREFIX_BYTES; i++) {
      char wanted = STAMP_SHAPE.charAt(i);
      byte is = piece[from + i];
      if (wanted == 'd' ? is < '0' || is > '9' : is != wanted) {
        return false;
      }
    }
    return true;
  }

  private void deliver(Stream stream, int end, boolean partial) throws IOException {
    deliverFrom(0, stream, end, partial);
  }

  private void deliverFrom(int from, Stream stream, int end, boolean partial) throws IOException {
    int blank = from;
    int limit = Math.min(end, from + 64);
    while (blank < limit && piece[blank] != ' ') {
      blank++;
    }
    if (blank == limit) {
      throw new HttpConnection.MalformedAnswer("log line without a stamp");
    }
    Instant at;
    try {
      at = Instant.parse(new String(piece, from, blank - from, StandardCharsets.ISO_8859_1));
    } catch (DateTimeException e) {
      throw new HttpConnection.MalformedAnswer("log line without a stamp");
    }
    sink.piece(at, stream, Arrays.copyOfRange(piece, blank + 1, end), partial);
  }

  private void append(byte[] bytes, int from, int count) {
    if (size + count > piece.length) {
      piece = Arrays.copyOf(piece, Math.max(size + count, piece.length * 2));
    }
    System.arraycopy(bytes, from, piece, size, count);
    size += count;
  }

  /// The engine said that it cannot read this container's output any further.
  static final class LogUnreadable extends IOException {
    private static final long serialVersionUID = 1L;

    LogUnreadable(String text) {
      super(text);
    }
  }
}
