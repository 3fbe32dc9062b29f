package dev.gantry.conformance.fuzz;

import dev.gantry.conformance.fuzz.Conversation.Protocol;
import dev.gantry.conformance.fuzz.Conversation.Step;
import dev.gantry.wire.Headers.Header;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/// Requests whose HTTP is wrong, slow, cut off or many at once; what they ask for is fine.
final class HttpMess {
  private static final String HEALTH = "/_gantry/health";
  private static final int LONG_LINE = 9_000;
  private static final int LONG_FIELD = 40_000;
  private static final int MANY_FIELDS = 150;
  private static final int MAX_PIPELINED = 12;
  private static final int MAX_DRIPS = 12;
  private static final int MAX_DRIP_MILLIS = 20;

  /// What is left of a body that is longer than it says, or of a head that an empty line ends too
  /// early, may be answered too, and is then refused.
  private static final int LEFT_OVER = 2;

  /// What would be a request if the one before it ended too early.
  private static final String SMUGGLED = "GET /_gantry/health HTTP/1.1\r\nHost: smuggled\r\n\r\n";

  private static final List<String> METHODS =
      List.of(
          "",
          "get",
          "G E T",
          "OPTIONS",
          "TRACE",
          "CONNECT",
          "PUT",
          "DELETE",
          "PATCH",
          "PROPFIND",
          "\u0000",
          "G\u0001T",
          "GET\t",
          " GET",
          "X".repeat(300),
          "X".repeat(LONG_LINE));

  private static final List<String> TARGETS =
      List.of(
          "",
          "*",
          "no-slash",
          "//",
          "///a//b",
          "/../../etc/passwd",
          "/%",
          "/%zz",
          "/%00",
          "/%2e%2e/",
          "/\u00e4\u00ff",
          "/a b",
          "/\u0000",
          "/\u007f",
          "/#fragment",
          "?",
          "/?",
          "/?&&==&a=%",
          "/?X-Amz-Algorithm=AWS4-HMAC-SHA256",
          "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2Fb%2Fc%2Fd%2Faws4_request"
              + "&X-Amz-Date=20260101T000000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=0"
              + "&X-Amz-Expires=99999999999999999999",
          "/acs/ws",
          "/tcs/ws?containerInstance=x",
          "http://127.0.0.1/_gantry/health",
          "http://example.com:80/",
          "https://[::1/",
          "http://",
          "127.0.0.1:443",
          "/" + "a".repeat(LONG_LINE),
          "/?" + "a=b&".repeat(1_500));

  private static final List<String> VERSIONS =
      List.of(
          "HTTP/1.0",
          "HTTP/0.9",
          "HTTP/1.2",
          "HTTP/2.0",
          "HTTP/2",
          "HTTP/3",
          "http/1.1",
          "HTTP/11",
          "HTTP/1.1 ",
          "HTTP/1.1\t",
          "HTTP/-1.1",
          "HTTP/",
          "HTCPCP/1.0",
          "");

  private static final List<String> LENGTHS =
      List.of(
          "-1",
          "+5",
          "0x5",
          "5,5",
          "5, 6",
          " ",
          "",
          "5 5",
          "1e3",
          "5.0",
          "00000000000000000000005",
          "2147483648",
          "9223372036854775808",
          "99999999999999999999999999",
          "\u0665");

  private static final List<String> ENCODINGS =
      List.of(
          "chunked",
          "Chunked",
          "identity",
          "gzip, chunked",
          "chunked, chunked",
          "chunked, identity",
          "xchunked",
          "\u000bchunked",
          "\"chunked\"",
          "");

  private static final List<String> FIELDS =
      List.of(
          "no colon",
          ": no name",
          "Name : space before the colon",
          " Leading: space",
          "Na\u0000me: x",
          "Name: x\u0000y",
          "Name: \u0001\u0002",
          "Name: \u00ff\u00fe",
          "N\u00e4me: x",
          "Name(): x",
          "Name:",
          "Name: a\rb",
          "Folded: a\r\n b\r\n\tc",
          "Host: other",
          "Host:",
          "Connection: close",
          "Connection: keep-alive, Upgrade, HTTP2-Settings",
          "Connection: \u0000",
          "Expect: 100-continue",
          "Expect: 200-maybe",
          "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
          "Upgrade: websocket",
          "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: short\r\n"
              + "Sec-WebSocket-Version: 13",
          "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key:"
              + " AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 99",
          "Content-Encoding: gzip",
          "Content-Type: text/xml",
          "Content-Type: application/x-amz-json-1.1; charset=\"",
          "X-Amz-Target: .",
          "X-Amz-Target: AmazonEC2ContainerServiceV20141113.NoSuchOperation",
          "X-Amz-Target: " + "a.".repeat(400),
          "X-Amz-Date: 99999999T999999Z",
          "X-Amz-Date: now",
          "X-Amz-Security-Token: x",
          "X-Amz-Content-Sha256: UNSIGNED-PAYLOAD",
          "X-Amz-Content-Sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
          "Authorization: Basic AAAA",
          "Authorization: AWS4-HMAC-SHA256",
          "Authorization: AWS4-HMAC-SHA256 Credential=, SignedHeaders=, Signature=",
          "Authorization: AWS4-HMAC-SHA256 Credential=////, SignedHeaders=;;;, Signature=zz",
          "Authorization: AWS4-HMAC-SHA256 "
              + "Credential=a/20260101/us-east-1/ecs/aws4_request,".repeat(60),
          "Range: bytes=0-" + Long.MAX_VALUE,
          "X-Forwarded-For: 127.0.0.1");

  private final RequestBytes requests;
  private final List<Header> good;
  private final byte[] goodBody;

  /// @param good the fields of a good call, signed
  HttpMess(RequestBytes requests, List<Header> good, byte[] goodBody) {
    this.requests = requests;
    this.good = good;
    this.goodBody = goodBody;
  }

  /// A request that is wrong in one to three ways.
  Conversation broken(SplittableRandom random) {
    Draft draft = draft(random);
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      draft.spoil(random);
    }
    return sent("http", draft.bytes(), random, 1 + LEFT_OVER);
  }

  /// A request whose end cannot be told, with what could be another request behind it.
  Conversation ambiguous(SplittableRandom random) {
    Draft draft = draft(random);
    draft.fields.removeIf(field -> isLength(field));
    boolean encoded = random.nextInt(3) != 0;
    if (encoded) {
      draft.fields.add("Transfer-Encoding: " + pick(random, ENCODINGS));
      if (random.nextInt(4) == 0) {
        draft.fields.add("Transfer-Encoding: " + pick(random, ENCODINGS));
      }
      if (random.nextBoolean()) {
        draft.fields.add("Content-Length: " + random.nextInt(40));
      }
    } else {
      int real = random.nextInt(40);
      draft.fields.add("Content-Length: " + real);
      draft.fields.add(
          "Content-Length: "
              + (random.nextBoolean() ? Integer.toString(real + 1) : pick(random, LENGTHS)));
    }
    draft.body = chunks(random);
    return sent("framing", draft.bytes(), random, 1);
  }

  private static byte[] chunks(SplittableRandom random) {
    StringBuilder body = new StringBuilder();
    for (int n = random.nextInt(4); n > 0; n--) {
      int size = random.nextInt(20);
      body.append(
              switch (random.nextInt(8)) {
                case 0 -> "-" + Integer.toHexString(size);
                case 1 -> "0x" + Integer.toHexString(size);
                case 2 -> "fffffffffffffffff";
                case 3 -> Integer.toHexString(size) + ";ext=\"" + "x".repeat(size * 20) + "\"";
                case 4 -> "zz";
                default -> Integer.toHexString(size);
              })
          .append("\r\n")
          .append("x".repeat(size))
          .append(random.nextInt(6) == 0 ? "\n" : "\r\n");
    }
    if (random.nextInt(4) != 0) {
      body.append("0\r\n");
      if (random.nextInt(3) == 0) {
        body.append("Trailer: x\r\nContent-Length: 5\r\n");
      }
      body.append("\r\n");
    }
    body.append(SMUGGLED);
    return ascii(body.toString());
  }

  /// Not HTTP/1.1 at all.
  Conversation foreign(SplittableRandom random) {
    byte[] bytes =
        switch (random.nextInt(9)) {
          case 0 -> ascii("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0");
          case 1 -> {
            // The beginning of a TLS ClientHello.
            byte[] hello = new byte[200];
            random.nextBytes(hello);
            System.arraycopy(new byte[] {0x16, 3, 1, 0, (byte) 195, 1}, 0, hello, 0, 6);
            yield hello;
          }
          case 2 -> ascii("\r\n".repeat(random.nextInt(2_000)));
          case 3 -> ascii("\n".repeat(random.nextInt(20)) + SMUGGLED);
          case 4 -> ascii("EHLO localhost\r\nMAIL FROM:<a@b>\r\n");
          case 5 -> ascii("GET /\r\n");
          case 6 -> ascii("GET / HTTP/1.1\nHost: x\n\n");
          case 7 -> new byte[random.nextInt(20_000)];
          default -> {
            byte[] noise = new byte[random.nextInt(4_000)];
            random.nextBytes(noise);
            yield noise;
          }
        };
    // Line ends before a request may be skipped (RFC 9112, 2.2), so that one may be answered.
    return sent("foreign", bytes, random, 1);
  }

  /// Many requests at once; the last may be broken.
  Conversation pipelined(SplittableRandom random) {
    int count = 2 + random.nextInt(MAX_PIPELINED - 1);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int n = 1; n <= count; n++) {
      Draft draft = draft(random);
      if (n == count && random.nextBoolean()) {
        draft.spoil(random);
      }
      all.writeBytes(draft.bytes());
    }
    return new Conversation(
        "pipelined",
        List.of(new Step.Send(all.toByteArray()), new Step.EndOutput()),
        count,
        count + LEFT_OVER,
        Protocol.HTTP);
  }

  /// A good request in small pieces with pauses between them.
  Conversation slow(SplittableRandom random) {
    byte[] bytes = draft(random).bytes();
    List<Step> steps = new ArrayList<>();
    int at = 0;
    for (int n = random.nextInt(MAX_DRIPS); n > 0 && at < bytes.length; n--) {
      int length = Math.min(bytes.length - at, 1 + random.nextInt(80));
      steps.add(new Step.Send(Arrays.copyOfRange(bytes, at, at + length)));
      steps.add(new Step.Pause(1 + random.nextInt(MAX_DRIP_MILLIS)));
      at += length;
    }
    steps.add(new Step.Send(Arrays.copyOfRange(bytes, at, bytes.length)));
    steps.add(new Step.EndOutput());
    return new Conversation("slow", steps, 1, 1, Protocol.HTTP);
  }

  /// A request cut off anywhere: its end told, reset, or never told.
  Conversation halfOpen(SplittableRandom random) {
    byte[] bytes = draft(random).bytes();
    Step send = new Step.Send(Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)));
    return switch (random.nextInt(3)) {
      case 0 ->
          new Conversation("half-open", List.of(send, new Step.EndOutput()), 1, 1, Protocol.HTTP);
      case 1 -> new Conversation("half-open", List.of(send, new Step.Reset()), 1, 0, Protocol.NONE);
      default ->
          new Conversation("half-open", List.of(send, new Step.Abandon()), 1, 0, Protocol.NONE);
    };
  }

  private static Conversation sent(
      String kind, byte[] bytes, SplittableRandom random, int answers) {
    List<Step> steps = new ArrayList<>();
    if (random.nextInt(8) == 0 && bytes.length > 1) {
      // In two packets, cut anywhere.
      int at = 1 + random.nextInt(bytes.length - 1);
      steps.add(new Step.Send(Arrays.copyOf(bytes, at)));
      steps.add(new Step.Send(Arrays.copyOfRange(bytes, at, bytes.length)));
    } else {
      steps.add(new Step.Send(bytes));
    }
    steps.add(new Step.EndOutput());
    return new Conversation(kind, steps, 1, answers, Protocol.HTTP);
  }

  private Draft draft(SplittableRandom random) {
    Draft draft = new Draft();
    switch (random.nextInt(3)) {
      case 0 -> {
        draft.line = new String[] {"GET", HEALTH, "HTTP/1.1"};
        draft.fields.add("Host: " + requests.host());
      }
      default -> {
        draft.line = new String[] {"POST", "/", "HTTP/1.1"};
        for (Header field : good) {
          draft.fields.add(field.name() + ": " + field.value());
        }
        draft.fields.add("Content-Length: " + goodBody.length);
        draft.body = goodBody;
      }
    }
    return draft;
  }

  /// A request in the making.
  private static final class Draft {
    private String[] line = {};
    private final List<String> fields = new ArrayList<>();
    private byte[] body = {};
    private String lineEnd = "\r\n";
    private byte[] behind = {};

    /// Makes one thing wrong.
    private void spoil(SplittableRandom random) {
      switch (random.nextInt(16)) {
        case 0 -> line[0] = pick(random, METHODS);
        case 1, 2 -> line[1] = pick(random, TARGETS);
        case 3 -> line[2] = pick(random, VERSIONS);
        case 4 -> fields.removeIf(field -> field.startsWith("Host"));
        case 5 -> {
          fields.removeIf(field -> isLength(field));
          fields.add("Content-Length: " + pick(random, LENGTHS));
        }
        case 6 -> {
          // Fewer or more bytes than it says.
          fields.removeIf(field -> isLength(field));
          fields.add("Content-Length: " + random.nextInt(2 * body.length + 2));
        }
        case 7 -> fields.add("Long: " + "x".repeat(random.nextInt(LONG_FIELD)));
        case 8 -> {
          int count = random.nextInt(MANY_FIELDS);
          for (int n = 0; n < count; n++) {
            fields.add("Many-" + (random.nextBoolean() ? n : 0) + ": x");
          }
        }
        case 9 -> lineEnd = random.nextBoolean() ? "\n" : "\r";
        case 10 -> behind = ascii(SMUGGLED.substring(0, random.nextInt(SMUGGLED.length() - 3)));
        case 11 -> {
          int at = random.nextInt(fields.size() + 1);
          if (at < fields.size()) {
            fields.set(
                at,
                new String(
                    JsonMess.mutate(random, ascii(fields.get(at))), StandardCharsets.ISO_8859_1));
          }
        }
        default -> fields.add(random.nextInt(fields.size() + 1), pick(random, FIELDS));
      }
    }

    private byte[] bytes() {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes(ascii(String.join(" ", line) + lineEnd));
      for (String field : fields) {
        out.writeBytes(ascii(field + lineEnd));
      }
      out.writeBytes(ascii(lineEnd));
      out.writeBytes(body);
      out.writeBytes(behind);
      return out.toByteArray();
    }
  }

  private static boolean isLength(String field) {
    return field.toLowerCase(Locale.ROOT).startsWith("content-length");
  }

  private static String pick(SplittableRandom random, List<String> from) {
    return from.get(random.nextInt(from.size()));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
