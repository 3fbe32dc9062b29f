package dev.gantry.wire.json;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageEnvelopeTest {

  @Test
  void whatIsWrappedIsParsed() {
    String message = "{\"messageId\":\"1\",\"tasks\":[{\"arn\":\"é}\"},{}]}";
    assertThat(MessageEnvelope.parse(MessageEnvelope.wrap("PayloadMessage", message)))
        .isEqualTo(new MessageEnvelope("PayloadMessage", message));
  }

  @Test
  void theOrderAndFurtherMembersDoNotMatter() {
    assertThat(
            MessageEnvelope.parse(
                " { \"x\" : [1,{}] , \"message\" : { \"a\" : {} } , \"type\" : \"T\" } "))
        .isEqualTo(new MessageEnvelope("T", "{ \"a\" : {} }"));
    assertThat(MessageEnvelope.parse("{\"type\":\"T\"}")).isEqualTo(new MessageEnvelope("T", "{}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "null",
        "{\"message\":{}}",
        "{\"type\":1}",
        "{\"type\":\"T\"",
        "{\"type\":\"T\"} {}",
        "{\"type\":\"T\",\"message\":{\"a\":}}"
      })
  void anythingElseIsNoFrame(String text) {
    assertThat(MessageEnvelope.parse(text)).isNull();
  }

  @Test
  void nestingIsBounded() {
    String deep = "{\"a\":".repeat(200) + "1" + "}".repeat(200);
    assertThat(MessageEnvelope.parse(MessageEnvelope.wrap("T", deep))).isNull();
  }
}
