package dev.gantry.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.control.ControlEvent;
import org.junit.jupiter.api.Test;

class WaitingEventsTest {
  private static final ControlEvent TEXT = new ControlEvent.SocketText(7, "first");
  private static final ControlEvent CLOSED = new ControlEvent.SocketClosed(7);
  private static final ControlEvent COMMITTED = new ControlEvent.Committed(1);

  private final WaitingEvents waiting = new WaitingEvents(1);

  /// A socket whose end was taken before its beginning stayed known until it had been silent for
  /// too long, its memory with it, and its instance counted as connected.
  @Test
  void theEndOfASocketDoesNotOvertakeWhatCameBefore() {
    waiting.add(TEXT);
    waiting.add(CLOSED);
    assertThat(waiting.poll(true)).isEqualTo(TEXT);
    assertThat(waiting.poll(true)).isEqualTo(CLOSED);
    assertThat(waiting.poll(true)).isNull();
  }

  @Test
  void norDoesTheEndOfASession() {
    ControlEvent closed = new ControlEvent.TailClosed("session");
    waiting.add(TEXT);
    waiting.add(closed);
    assertThat(waiting.poll(true)).isEqualTo(TEXT);
    assertThat(waiting.poll(true)).isEqualTo(closed);
  }

  @Test
  void theEndOfASocketIsNeverRefused() {
    assertThat(waiting.add(TEXT)).isTrue();
    assertThat(waiting.add(TEXT)).isFalse();
    assertThat(waiting.add(CLOSED)).isTrue();
  }

  @Test
  void whatIsDurableGoesFirstAndNeedsNoRoom() {
    waiting.add(TEXT);
    waiting.add(COMMITTED);
    assertThat(waiting.poll(false)).isEqualTo(COMMITTED);
    assertThat(waiting.poll(false)).isNull();
    assertThat(waiting.poll(true)).isEqualTo(TEXT);
  }
}
