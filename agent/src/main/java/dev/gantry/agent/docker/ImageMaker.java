package dev.gantry.agent.docker;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;

/// Makes a small container image out of one static busybox binary, without a registry: the hello
/// example's image and the tests' are made like this.
///
/// The same binary, name and labels give the same bytes, and so the same image id, on every machine
/// and day.
public final class ImageMaker {
  /// Largest binary that is taken.
  static final int MAX_BINARY_BYTES = 64 * 1024 * 1024;

  // What scripts of tasks use. Debian's static build lacks none of these; its wget crashes (static
  // glibc and name look-ups), so there is no link to it.
  private static final List<String> APPLETS =
      List.of(
          "[",
          "ash",
          "awk",
          "basename",
          "cat",
          "chmod",
          "chown",
          "clear",
          "cp",
          "cut",
          "date",
          "dd",
          "df",
          "dirname",
          "du",
          "echo",
          "env",
          "expr",
          "false",
          "find",
          "free",
          "grep",
          "gunzip",
          "gzip",
          "head",
          "hostname",
          "httpd",
          "id",
          "ifconfig",
          "ip",
          "kill",
          "killall",
          "ln",
          "ls",
          "md5sum",
          "mkdir",
          "mktemp",
          "mount",
          "mv",
          "nc",
          "netstat",
          "nslookup",
          "od",
          "ping",
          "printenv",
          "printf",
          "ps",
          "pwd",
          "readlink",
          "rm",
          "rmdir",
          "sed",
          "seq",
          "sh",
          "sha256sum",
          "sleep",
          "sort",
          "stat",
          "sync",
          "tail",
          "tar",
          "tee",
          "test",
          "time",
          "timeout",
          "top",
          "touch",
          "tr",
          "true",
          "umount",
          "uname",
          "uniq",
          "uptime",
          "usleep",
          "vi",
          "wc",
          "which",
          "whoami",
          "xargs",
          "yes");

  private static final int ELF_MACHINE_X86_64 = 62;
  private static final int ELF_MACHINE_AARCH64 = 183;
  private static final int ELF_SEGMENT_INTERPRETER = 3;

  private ImageMaker() {}

  /// An archive for `docker load`, with `/bin/busybox`, links to its usual applets, and `sh` as the
  /// command.
  ///
  /// @param busybox a statically linked 64-bit Linux binary
  /// @param name the image's `name:tag`
  /// @param labels the image's labels
  /// @throws IllegalArgumentException with a text for people, if the binary is not usable
  public static byte[] busyboxArchive(
      byte[] busybox, String name, SortedMap<String, String> labels) {
    String architecture = architecture(busybox);
    Tar layer = new Tar();
    layer.directory("bin", 0755);
    layer.file("bin/busybox", 0755, busybox);
    for (String applet : APPLETS) {
      layer.link("bin/" + applet, "busybox");
    }
    layer.directory("etc", 0755);
    layer.file("etc/group", 0644, utf8("root:x:0:\nnogroup:x:65534:\n"));
    layer.file(
        "etc/passwd",
        0644,
        utf8("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"));
    layer.directory("root", 0700);
    layer.directory("tmp", 01777);
    byte[] layerBytes = layer.end();

    Json.Obj imageLabels = new Json.Obj();
    labels.forEach(imageLabels::put);
    String epoch = "1970-01-01T00:00:00Z";
    byte[] config =
        new Json.Obj()
            .put("architecture", architecture)
            .put("os", "linux")
            .put("created", epoch)
            .put(
                "config",
                new Json.Obj()
                    .put("Cmd", Json.Arr.of(List.of("sh")))
                    .put("Env", Json.Arr.of(List.of("PATH=/bin")))
                    .put("Labels", imageLabels))
            .put(
                "rootfs",
                new Json.Obj()
                    .put("type", "layers")
                    .put("diff_ids", Json.Arr.of(List.of("sha256:" + sha256(layerBytes)))))
            .put(
                "history",
                new Json.Arr(
                    List.of(
                        new Json.Obj()
                            .put("created", epoch)
                            .put("created_by", "gantry: busybox and links"))))
            .bytes();
    String configName = sha256(config) + ".json";
    byte[] manifest =
        new Json.Arr(
                List.of(
                    new Json.Obj()
                        .put("Config", configName)
                        .put("RepoTags", Json.Arr.of(List.of(name)))
                        .put("Layers", Json.Arr.of(List.of("layer.tar")))))
            .bytes();
    Tar archive = new Tar();
    archive.file(configName, 0644, config);
    archive.file("layer.tar", 0644, layerBytes);
    archive.file("manifest.json", 0644, manifest);
    return archive.end();
  }

  /// Docker's word for the binary's processor.
  private static String architecture(byte[] binary) {
    if (binary.length > MAX_BINARY_BYTES) {
      throw new IllegalArgumentException("busybox is larger than " + MAX_BINARY_BYTES + " bytes");
    }
    // An ELF header: magic, class 2 (64 bits), data 1 (little-endian); machine at 18, the table of
    // segments at the offset that stands at 32, its entries' size and number at 54 and 56.
    boolean elf =
        binary.length >= 64
            && binary[0] == 0x7F
            && binary[1] == 'E'
            && binary[2] == 'L'
            && binary[3] == 'F'
            && binary[4] == 2
            && binary[5] == 1;
    if (!elf) {
      throw new IllegalArgumentException("busybox is not a 64-bit Linux binary");
    }
    ByteBuffer header = ByteBuffer.wrap(binary).order(ByteOrder.LITTLE_ENDIAN);
    int machine = header.getShort(18) & 0xFFFF;
    long segments = header.getLong(32);
    int segmentBytes = header.getShort(54) & 0xFFFF;
    int segmentCount = header.getShort(56) & 0xFFFF;
    if (segments < 0 || segments + (long) segmentBytes * segmentCount > binary.length) {
      throw new IllegalArgumentException("busybox is cut short");
    }
    for (int i = 0; i < segmentCount && segmentBytes >= 4; i++) {
      if (header.getInt((int) segments + i * segmentBytes) == ELF_SEGMENT_INTERPRETER) {
        throw new IllegalArgumentException(
            "busybox is dynamically linked; the image needs a static one (Debian: the package"
                + " busybox-static)");
      }
    }
    return switch (machine) {
      case ELF_MACHINE_X86_64 -> "amd64";
      case ELF_MACHINE_AARCH64 -> "arm64";
      default ->
          throw new IllegalArgumentException(
              "busybox is for a processor that is not known here (ELF machine " + machine + ")");
    };
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /// Writes a POSIX (ustar) archive of root's files, all from 1970.
  private static final class Tar {
    private static final int BLOCK_BYTES = 512;
    private static final int MAX_NAME_BYTES = 100;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    void directory(String name, int mode) {
      header(name + "/", mode, 0, '5', "");
    }

    void link(String name, String target) {
      header(name, 0777, 0, '2', target);
    }

    void file(String name, int mode, byte[] content) {
      header(name, mode, content.length, '0', "");
      out.writeBytes(content);
      out.writeBytes(new byte[(BLOCK_BYTES - content.length % BLOCK_BYTES) % BLOCK_BYTES]);
    }

    byte[] end() {
      out.writeBytes(new byte[2 * BLOCK_BYTES]);
      return out.toByteArray();
    }

    private void header(String name, int mode, int size, char type, String link) {
      byte[] block = new byte[BLOCK_BYTES];
      text(block, 0, MAX_NAME_BYTES, name);
      octal(block, 100, 8, mode);
      octal(block, 108, 8, 0);
      octal(block, 116, 8, 0);
      octal(block, 124, 12, size);
      octal(block, 136, 12, 0);
      block[156] = (byte) type;
      text(block, 157, MAX_NAME_BYTES, link);
      text(block, 257, 6, "ustar");
      text(block, 263, 2, "00");
      text(block, 265, 32, "root");
      text(block, 297, 32, "root");
      // The checksum is taken with blanks in its own place.
      text(block, 148, 8, "        ");
      int sum = 0;
      for (byte b : block) {
        sum += b & 0xFF;
      }
      octal(block, 148, 7, sum);
      out.writeBytes(block);
    }

    private static void text(byte[] block, int at, int room, String text) {
      byte[] bytes = utf8(text);
      if (bytes.length > room) {
        throw new IllegalArgumentException("too long for a tar header: " + text);
      }
      System.arraycopy(bytes, 0, block, at, bytes.length);
    }

    private static void octal(byte[] block, int at, int room, long value) {
      String digits = Long.toOctalString(value);
      text(block, at, room, "0".repeat(room - 1 - digits.length()) + digits);
      block[at + room - 1] = 0;
    }
  }
}
