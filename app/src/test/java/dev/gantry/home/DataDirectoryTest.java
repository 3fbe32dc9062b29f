package dev.gantry.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DataDirectoryTest {
  private static final Path HOME = Path.of("/home/ada");

  record Where(
      String name, @Nullable Path option, Map<String, String> environment, String expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Where> places() {
    Map<String, String> everything =
        Map.of("GANTRY_DATA", "/from/gantry", "XDG_STATE_HOME", "/from/xdg");
    return Stream.of(
        new Where("the option wins", Path.of("/o"), everything, "/o"),
        new Where("GANTRY_DATA comes next", null, everything, "/from/gantry"),
        new Where("then XDG", null, Map.of("XDG_STATE_HOME", "/from/xdg"), "/from/xdg/gantry"),
        new Where("then the home", null, Map.of(), "/home/ada/.local/state/gantry"),
        new Where(
            "empty is unset",
            null,
            Map.of("GANTRY_DATA", "", "XDG_STATE_HOME", ""),
            "/home/ada/.local/state/gantry"),
        new Where(
            "a relative XDG directory is ignored",
            null,
            Map.of("XDG_STATE_HOME", "state"),
            "/home/ada/.local/state/gantry"),
        new Where("dots are resolved", Path.of("/a/../b/."), Map.of(), "/b"));
  }

  @ParameterizedTest
  @MethodSource("places")
  void isWhereTheUserSaid(Where row) {
    assertThat(DataDirectory.resolve(row.option(), row.environment(), HOME).root())
        .isEqualTo(Path.of(row.expected()));
  }

  @Test
  void aRelativeOptionIsMeantFromHere() {
    assertThat(DataDirectory.resolve(Path.of("data"), Map.of(), HOME).root())
        .isEqualTo(Path.of("data").toAbsolutePath());
  }

  @Test
  void onlyTheOwnerMayEnterOrRead(@TempDir Path temporary) throws IOException {
    DataDirectory data = new DataDirectory(temporary.resolve("deep").resolve("down"));
    data.create();
    data.write("secret", "x\n");
    assertThat(modeOf(data.root())).isEqualTo("rwx------");
    assertThat(modeOf(data.resolve("secret"))).isEqualTo("rw-------");
    assertThat(data.read("secret")).isEqualTo("x\n");
    assertThat(data.read("absent")).isNull();
  }

  @Test
  void aDirectoryThatWasOpenIsClosed(@TempDir Path temporary) throws IOException {
    Path open = temporary.resolve("open");
    Files.createDirectory(open);
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
    new DataDirectory(open).create();
    assertThat(modeOf(open)).isEqualTo("rwx------");
  }

  @Test
  void aFileInItsPlaceIsRefused(@TempDir Path temporary) throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "");
    assertThatThrownBy(() -> new DataDirectory(file).create())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void writingReplacesAtOnceAndLeavesNothingBeside(@TempDir Path temporary) throws IOException {
    DataDirectory data = new DataDirectory(temporary);
    data.write("name", "one");
    data.write("name", "two");
    assertThat(data.read("name")).isEqualTo("two");
    try (Stream<Path> files = Files.list(temporary)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void theRootKeyIsDrawnOnceAndNeverShown(@TempDir Path temporary) throws IOException {
    DataDirectory data = new DataDirectory(temporary);
    assertThat(RootKey.read(data)).isNull();
    RootKey first = RootKey.readOrDraw(data, RandomGenerator.of("L64X128MixRandom"));
    RootKey second = RootKey.readOrDraw(data, RandomGenerator.of("L64X128MixRandom"));
    assertThat(second).isEqualTo(first);
    assertThat(first.accessKeyId()).matches("AKIA[A-Z2-7]{16}");
    assertThat(first.secret()).matches("[A-Za-z0-9]{40}");
    assertThat(first.toString()).contains(first.accessKeyId()).doesNotContain(first.secret());
    assertThat(modeOf(data.resolve(RootKey.FILE))).isEqualTo("rw-------");
  }

  @Test
  void aDamagedKeyFileIsNamedButNotShown(@TempDir Path temporary) throws IOException {
    DataDirectory data = new DataDirectory(temporary);
    data.write(RootKey.FILE, "aws_access_key_id=AKIAAAAAAAAAAAAAAAAA\naws_secret_access_key=shh\n");
    assertThatThrownBy(() -> RootKey.read(data))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(RootKey.FILE)
        .hasMessageNotContaining("shh");
  }

  @Test
  void theInstallationIdIsDrawnOnce(@TempDir Path temporary) throws IOException {
    DataDirectory data = new DataDirectory(temporary);
    InstallationId first = InstallationId.readOrDraw(data, RandomGenerator.getDefault());
    assertThat(first.value()).matches("[0-9a-f]{32}");
    assertThat(InstallationId.readOrDraw(data, RandomGenerator.getDefault())).isEqualTo(first);
  }

  @Test
  void theLockIsHeldOnceAndFreeAfterwards(@TempDir Path temporary) throws Exception {
    DataDirectory data = new DataDirectory(temporary);
    assertThat(InstanceLock.isHeld(data)).isFalse();
    try (InstanceLock held = InstanceLock.tryAcquire(data)) {
      assertThat(held).isNotNull();
      assertThat(InstanceLock.tryAcquire(data)).isNull();
    }
    try (InstanceLock again = InstanceLock.tryAcquire(data)) {
      assertThat(again).isNotNull();
    }
  }

  private static String modeOf(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
