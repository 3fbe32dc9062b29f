package dev.gantry.api.ssmmessages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The binary messages of a session. The bytes here were put together by hand from the field table
/// of session-manager-plugin, `src/message/clientmessage.go`.
class AgentMessageTest {
  private static final AgentMessage MESSAGE =
      new AgentMessage(
          AgentMessage.INPUT,
          1,
          1_700_000_000_000L,
          7,
          AgentMessage.SYN,
          UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"),
          AgentMessage.PAYLOAD_OUTPUT,
          "ls\r".getBytes(StandardCharsets.UTF_8));

  private static byte[] example() throws Exception {
    byte[] digest =
        java.security.MessageDigest.getInstance("SHA-256")
            .digest("ls\r".getBytes(StandardCharsets.UTF_8));
    return HexFormat.of()
        .parseHex(
            // The header's length is 116.
            "00000074"
                + "696e7075745f73747265616d5f64617461"
                + "202020202020202020202020202020"
                + "00000001"
                + "0000018bcfe56800"
                + "0000000000000007"
                + "0000000000000001"
                // 00112233-4455-6677-8899-aabbccddeeff with its halves exchanged.
                + "8899aabbccddeeff"
                + "0011223344556677"
                + HexFormat.of().formatHex(digest)
                + "00000001"
                + "00000003"
                + "6c730d");
  }

  @Test
  void itsBytesAreThoseOfThePlugin() throws Exception {
    assertThat(MESSAGE.encode()).isEqualTo(example());
  }

  @Test
  void itIsReadFromThem() throws Exception {
    AgentMessage read = AgentMessage.decode(example());
    assertThat(read).usingRecursiveComparison().isEqualTo(MESSAGE);
    assertThat(AgentMessage.typeOf(example())).isEqualTo("input_stream_data");
  }

  @Test
  void aTypeMayBePaddedWithZeros() throws Exception {
    byte[] bytes = example();
    Arrays.fill(bytes, 4 + 17, 4 + 32, (byte) 0);
    assertThat(AgentMessage.decode(bytes)).usingRecursiveComparison().isEqualTo(MESSAGE);
  }

  @Test
  void anEmptyPayloadNeedsNoDigest() {
    AgentMessage pause =
        AgentMessage.single(AgentMessage.PAUSE_PUBLICATION, 1, new UUID(1, 2), new byte[0]);
    byte[] bytes = pause.encode();
    Arrays.fill(bytes, 80, 112, (byte) 0);
    assertThat(AgentMessage.decode(bytes)).usingRecursiveComparison().isEqualTo(pause);
  }

  /// Each is one byte of the example, changed: the header's length, the date, the digest, the
  /// payload's length, the payload.
  @ParameterizedTest
  @ValueSource(ints = {3, 80, 111, 119, 120, 122})
  void oneWrongByteIsNoMessage(int at) throws Exception {
    byte[] bytes = example();
    bytes[at] = (byte) (bytes[at] ^ 1);
    assertThat(AgentMessage.decode(bytes)).isNull();
  }

  @Test
  void whatIsCutOffOrPaddedIsNoMessage() throws Exception {
    byte[] bytes = example();
    for (int length = 0; length < bytes.length; length++) {
      assertThat(AgentMessage.decode(Arrays.copyOf(bytes, length))).isNull();
    }
    assertThat(AgentMessage.decode(Arrays.copyOf(bytes, bytes.length + 1))).isNull();
    byte[] undated = bytes.clone();
    Arrays.fill(undated, 40, 48, (byte) 0);
    assertThat(AgentMessage.decode(undated)).isNull();
    byte[] untyped = bytes.clone();
    Arrays.fill(untyped, 4, 36, (byte) ' ');
    assertThat(AgentMessage.decode(untyped)).isNull();
  }

  @Test
  void whatWasTypedIsNeverPrinted() {
    assertThat(MESSAGE).asString().contains("input_stream_data 7").doesNotContain("108", "ls");
  }

  @Test
  void aTypeThatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> AgentMessage.single("x".repeat(33), 1, new UUID(1, 2), new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
