package dev.gantry.wire.eventstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

class EventStreamTest {
  /// The first three are vectors of Amazon's own libraries (awslabs/aws-c-event-stream, tests), the
  /// last was read back by botocore.
  static final List<Arguments> VECTORS =
      List.of(
          Arguments.of("nothing", Map.of(), "", "000000100000000005c248eb7d98c8ff"),
          Arguments.of(
              "a payload",
              Map.of(),
              "{'foo':'bar'}",
              "0000001d00000000fd528c5a7b27666f6f273a27626172277dc36539 36".replace(" ", "")),
          Arguments.of(
              "a payload and a header",
              Map.of("content-type", "application/json"),
              "{'foo':'bar'}",
              "0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f"
                  + "6a736f6e7b27666f6f273a27626172277d8d9c08b1"));

  @ParameterizedTest(name = "{0}")
  @FieldSource("VECTORS")
  void aMessageIsWrittenAsAmazonsLibrariesWriteIt(
      String name, Map<String, String> headers, String payload, String message) {
    assertThat(
            HexFormat.of()
                .formatHex(EventStream.message(headers, payload.getBytes(StandardCharsets.UTF_8))))
        .isEqualTo(message);
  }

  @Test
  void anEventSaysWhatItIs() {
    Message message =
        Message.of(EventStream.event("sessionStart", "application/json", bytes("{}")));

    assertThat(message.headers())
        .containsExactly(
            Map.entry(":event-type", "sessionStart"),
            Map.entry(":content-type", "application/json"),
            Map.entry(":message-type", "event"));
    assertThat(message.payload()).isEqualTo("{}");
  }

  @Test
  void anErrorSaysWhatItIs() {
    Message message = Message.of(EventStream.exception("TooLate", "application/json", bytes("{}")));

    assertThat(message.headers())
        .containsExactly(
            Map.entry(":exception-type", "TooLate"),
            Map.entry(":content-type", "application/json"),
            Map.entry(":message-type", "exception"));
  }

  @Test
  void headersAndPayloadsHaveLimits() {
    String long255 = "x".repeat(255);
    String long32767 = "y".repeat(32_767);
    assertThat(Message.of(EventStream.message(Map.of(long255, long32767), bytes("z"))).headers())
        .containsEntry(long255, long32767);
    assertThatThrownBy(() -> EventStream.message(Map.of(long255 + "x", ""), bytes("")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> EventStream.message(Map.of("", ""), bytes("")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> EventStream.message(Map.of("x", long32767 + "y"), bytes("")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> EventStream.event("x", "y", new byte[EventStream.MAX_PAYLOAD_BYTES + 1]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void lettersOfAllScriptsAreCountedAsBytes() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("größe", "ü");
    headers.put("b", "");

    Message message = Message.of(EventStream.message(headers, bytes("\uD83D\uDE80")));

    assertThat(message.headers()).containsExactlyEntriesOf(headers);
    assertThat(message.payload()).isEqualTo("\uD83D\uDE80");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
