package dev.gantry.agent.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageMakerTest {
  /// The header of a binary with one segment of that type.
  private static byte[] elf(int machine, int segmentType) {
    return ByteBuffer.allocate(64 + 56)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(new byte[] {0x7F, 'E', 'L', 'F', 2, 1})
        .putShort(18, (short) machine)
        .putLong(32, 64)
        .putShort(54, (short) 56)
        .putShort(56, (short) 1)
        .putInt(64, segmentType)
        .array();
  }

  private static byte[] archive(byte[] binary) {
    TreeMap<String, String> labels = new TreeMap<>();
    labels.put("dev.gantry.image", "hello");
    return ImageMaker.busyboxArchive(binary, "gantry-hello:1", labels);
  }

  /// Names and contents, read back by the tar format's rules.
  static Map<String, byte[]> untar(byte[] tar) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    int at = 0;
    while (tar[at] != 0) {
      String name = new String(tar, at, 100, StandardCharsets.UTF_8).replaceAll("\0.*", "");
      int size = Integer.parseInt(new String(tar, at + 124, 11, StandardCharsets.UTF_8), 8);
      int sum = 0;
      for (int i = 0; i < 512; i++) {
        sum += i >= 148 && i < 156 ? ' ' : tar[at + i] & 0xFF;
      }
      assertThat(Integer.parseInt(new String(tar, at + 148, 6, StandardCharsets.UTF_8), 8))
          .as("checksum of " + name)
          .isEqualTo(sum);
      files.put(name, Arrays.copyOfRange(tar, at + 512, at + 512 + size));
      at += 512 + (size + 511) / 512 * 512;
    }
    return files;
  }

  static byte[] file(Map<String, byte[]> files, String name) {
    return Objects.requireNonNull(files.get(name), name);
  }

  @ParameterizedTest
  @CsvSource({"62, amd64", "183, arm64"})
  void archiveNamesItsImageProcessorAndLabels(int machine, String architecture) throws Exception {
    byte[] binary = elf(machine, 1);
    Map<String, byte[]> files = untar(archive(binary));

    Json manifest = Json.parse(file(files, "manifest.json")).list().getFirst();
    assertThat(manifest.at("RepoTags").texts()).containsExactly("gantry-hello:1");
    Json config = Json.parse(file(files, manifest.at("Config").text()));
    assertThat(config.at("architecture").text()).isEqualTo(architecture);
    assertThat(config.at("config").at("Labels").at("dev.gantry.image").text()).isEqualTo("hello");
    Map<String, byte[]> layer = untar(file(files, "layer.tar"));
    assertThat(layer.get("bin/busybox")).isEqualTo(binary);
    assertThat(layer).containsKeys("bin/sh", "bin/sleep", "tmp/", "etc/passwd");
  }

  @Test
  void sameInputGivesTheSameBytes() {
    assertThat(archive(elf(62, 1))).isEqualTo(archive(elf(62, 1)));
  }

  @Test
  void binariesThatCannotRunAloneAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> archive(elf(62, 3)))
        .withMessageContaining("busybox-static");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> archive(elf(40, 1)))
        .withMessageContaining("ELF machine 40");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> archive("#!/bin/sh\n".repeat(20).getBytes(StandardCharsets.UTF_8)))
        .withMessageContaining("not a 64-bit Linux binary");
    byte[] cut = elf(62, 1);
    ByteBuffer.wrap(cut).order(ByteOrder.LITTLE_ENDIAN).putShort(56, (short) 9);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> archive(cut))
        .withMessageContaining("cut short");
  }
}
