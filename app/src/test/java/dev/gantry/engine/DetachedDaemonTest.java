package dev.gantry.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.engine.DetachedDaemon.Identity;
import dev.gantry.home.DataDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DetachedDaemonTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "7 (dockerd) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 9 0 4711 2 3 4|4711",
        "7 (evil) 1 2 (name) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 9 0 815 2 3|815",
        "7 (short) S 1|''",
      })
  void readsTheStartTimeWhateverTheProgramIsCalled(String stat, String ticks) {
    assertThat(Identity.startTicks(stat)).isEqualTo(ticks);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "12", "12 34", "x 34 boot", "12  boot", "1 2 3 4"})
  void aDamagedRecordNamesNobody(String text) {
    assertThat(Identity.parse(text)).isNull();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void knowsTheProcessItRecordedAndNoOther(@TempDir Path temporary) throws Exception {
    DataDirectory data = new DataDirectory(temporary);
    data.createDirectory(DetachedDaemon.DIRECTORY);
    Process process = new ProcessBuilder("sleep", "60").start();
    try {
      Identity identity = Identity.of(process.pid());
      Path record = temporary.resolve("engine").resolve("dockerd.pid");
      Files.writeString(record, identity.text());
      assertThat(new DetachedDaemon(data).find()).isEqualTo(process.toHandle());

      Identity another = new Identity(identity.pid(), "1", identity.boot());
      Files.writeString(record, another.text());
      assertThat(new DetachedDaemon(data).find()).as("same pid, other start").isNull();

      Files.writeString(record, identity.text());
      assertThat(new DetachedDaemon(data).stop(process.toHandle())).isTrue();
      assertThat(process.isAlive()).isFalse();
      assertThat(record).doesNotExist();
    } finally {
      process.destroyForcibly();
    }
  }
}
