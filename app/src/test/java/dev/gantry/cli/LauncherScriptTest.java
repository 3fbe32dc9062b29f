package dev.gantry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The launcher script `./gantry`, in a source tree of its own, with JDKs and a Maven that are
/// shell scripts and only tell how they were called.
@Timeout(60)
class LauncherScriptTest {
  private static final Path SCRIPT = Path.of("..", "gantry").toAbsolutePath().normalize();
  private static final String PLAIN_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

  @TempDir private Path temporary = Path.of("unset");
  private Path tree = temporary;
  private final Map<String, String> environment = new LinkedHashMap<>();

  @BeforeEach
  void makeTree() throws IOException {
    // A blank in the path, as on many a laptop.
    tree = Files.createDirectories(temporary.resolve("my tree"));
    Files.copy(SCRIPT, tree.resolve("gantry"));
    executable(tree.resolve("gantry"));
    Files.writeString(tree.resolve("pom.xml"), "<project/>");
    Files.createDirectories(tree.resolve(".mvn"));
    for (String room :
        List.of("model", "scheduler", "store", "wire", "api", "http", "control", "agent", "app")) {
      Files.createDirectories(tree.resolve(room).resolve("src").resolve("main"));
      Files.writeString(tree.resolve(room).resolve("pom.xml"), "<project/>");
      Files.createDirectories(tree.resolve(room).resolve("src").resolve("test"));
    }
    environment.put("PATH", PLAIN_PATH);
    environment.put("HOME", temporary.resolve("home").toString());
    environment.put("GANTRY_JAVA_HOME", jdk("jdk 25", "25.0.3+9-LTS").toString());
    environment.put("GANTRY_NO_TRAINING", "1");
  }

  record Outcome(int code, String out, String err) {}

  @ParameterizedTest
  @ValueSource(strings = {"sh", "dash", "bash", "busybox sh"})
  void everyPosixShellReadsIt(String shell) throws Exception {
    assumeThat(found(shell.split(" ", -1)[0])).as("%s is installed", shell).isTrue();
    Stream<String> words = Stream.of(shell.split(" ", -1));
    List<String> command =
        Stream.concat(words, Stream.of(tree.resolve("gantry").toString(), "version")).toList();
    build("one");
    Outcome outcome = run(command);
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out()).contains("dev.gantry.cli.Main\nversion\n");
  }

  @Test
  void shellcheckHasNothingToSay() throws Exception {
    assumeThat(found("shellcheck")).as("shellcheck is installed").isTrue();
    Outcome outcome = run(List.of("shellcheck", tree.resolve("gantry").toString()));
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.code()).isZero();
  }

  @Test
  void passesArgumentsAsTheyAreAndTheExitCodeBack() throws Exception {
    build("one");
    environment.put("FAKE_EXIT", "77");
    Outcome outcome = gantry("run", "two words", "", "it's", "$HOME", "*");
    assertThat(outcome.out()).endsWith("dev.gantry.cli.Main\nrun\ntwo words\n\nit's\n$HOME\n*\n");
    assertThat(outcome.code()).isEqualTo(77);
  }

  @Test
  void takesJarsOnlyAndTheOneSetOfOptions() throws Exception {
    build("one");
    String jar = tree.toRealPath().resolve(".gantry/dist/one/lib").resolve("gantry.jar").toString();
    assertThat(gantry("version").out())
        .contains("-cp\n" + jar + "\n")
        .contains("--enable-native-access=ALL-UNNAMED\n")
        .doesNotContain("AOTCache");
  }

  @Test
  void usesTheAotCacheOfThisJdkOnceItIsThere() throws Exception {
    build("one");
    Path cache = tree.resolve(".gantry/dist/one/25.0.3+9-LTS.aot");
    Files.writeString(cache, "");
    assertThat(gantry("version").out()).contains("-XX:AOTCache=" + cache.toRealPath());
    Files.move(cache, cache.resolveSibling("25.0.2+7.aot"));
    assertThat(gantry("version").out()).doesNotContain("AOTCache");
  }

  @Test
  void trainsInTheBackgroundAndPutsTheCacheInPlaceWhole() throws Exception {
    build("one");
    environment.remove("GANTRY_NO_TRAINING");
    assertThat(gantry("version").code()).isZero();
    Path cache = tree.resolve(".gantry/dist/one/25.0.3+9-LTS.aot");
    while (!Files.exists(cache)) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    assertThat(Files.readString(cache)).isEqualTo("trained");
  }

  @Test
  void aLinkLeadsToTheTree() throws Exception {
    build("one");
    Path first = Files.createSymbolicLink(temporary.resolve("g"), Path.of("my tree/gantry"));
    Path second = Files.createSymbolicLink(temporary.resolve("gg"), first);
    assertThat(run(List.of(second.toString(), "version")).out()).contains("my tree/.gantry");
  }

  @Test
  void javaHomeCountsOnlyIfItIsTheRightVersion() throws Exception {
    build("one");
    environment.remove("GANTRY_JAVA_HOME");
    environment.put("JAVA_HOME", jdk("mine", "25.0.1+8").toString());
    assertThat(gantry("version").out()).startsWith(temporary.resolve("mine").toString());
    environment.put("JAVA_HOME", jdk("old", "17.0.15+6").toString());
    assertThat(gantry("version").out()).doesNotStartWith(temporary.resolve("old").toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"17.0.15+6", "8", "21"})
  void aWrongChosenJdkIsNamed(String version) throws Exception {
    build("one");
    Path jdk = jdk("chosen", version);
    environment.put("GANTRY_JAVA_HOME", jdk.toString());
    Outcome outcome = gantry("version");
    assertThat(outcome.code()).isEqualTo(ExitCodes.OWN_FAILURE);
    assertThat(outcome.err()).contains(jdk + " is Java " + version + "; Gantry needs JDK 25.");
  }

  @Test
  void aChosenDirectoryThatIsNoJdkIsNamed() throws Exception {
    environment.put("GANTRY_JAVA_HOME", temporary.toString());
    Outcome outcome = gantry("version");
    assertThat(outcome.code()).isEqualTo(ExitCodes.OWN_FAILURE);
    assertThat(outcome.err()).contains(temporary + " is not a JDK");
  }

  @Test
  void buildsOnceAndAgainOnlyWhenASourceChanges() throws Exception {
    environment.put("PATH", maven("touch-a-jar") + ":" + PLAIN_PATH);
    Outcome first = gantry("version");
    assertThat(first.err()).contains("Building Gantry from source").contains("Built in");
    assertThat(first.out()).contains("dev.gantry.cli.Main\nversion\n");
    assertThat(gantry("version").err()).as("built").isEmpty();
    Files.writeString(tree.resolve("wire/src/test/Test.java"), "");
    assertThat(gantry("version").err()).as("a test is no source").isEmpty();
    later(tree.resolve("wire/src/main/A.java"));
    assertThat(gantry("version").err()).contains("Sources have changed: building.");
    try (Stream<Path> builds = Files.list(tree.resolve(".gantry/dist"))) {
      assertThat(builds.filter(Files::isDirectory)).as("the older build is gone").hasSize(1);
    }
  }

  @Test
  void aFailedBuildShowsItsErrorsAndKeepsTheLog() throws Exception {
    environment.put("PATH", maven("fail") + ":" + PLAIN_PATH);
    Outcome outcome = gantry("version");
    assertThat(outcome.code()).isEqualTo(ExitCodes.OWN_FAILURE);
    assertThat(outcome.err())
        .contains("[ERROR] A.java: not a statement")
        .contains("The build failed; its log is")
        .doesNotContain("[INFO]");
    assertThat(tree.resolve(".gantry/build.log")).content().contains("[INFO] working");
    assertThat(tree.resolve(".gantry/build.lock")).doesNotExist();
  }

  @Test
  void theTestsOutcomeIsSummedAndSkipsAreExplained() throws Exception {
    environment.put("PATH", maven("test") + ":" + PLAIN_PATH);
    build("one");
    Outcome outcome = gantry("test", "--no-install");
    assertThat(outcome.out())
        .isEqualTo(
            """
            FAILED   PlainTest.adds: expected "1"
            skipped  DockerTest.pulls: no <registry> here
            2 passed, 1 failed, 1 skipped
            """);
    assertThat(outcome.code()).isEqualTo(1);
  }

  /// So that none of them is skipped where it may install what is missing.
  @Test
  void whatTheTestsNeedIsInstalledUnlessThatIsForbidden() throws Exception {
    Path bin = Files.createDirectories(temporary.resolve("bin"));
    for (String tool :
        List.of(
            "awk",
            "cat",
            "date",
            "find",
            "grep",
            "head",
            "ln",
            "mkdir",
            "mkfifo",
            "mv",
            "nice",
            "readlink",
            "rm",
            "sed",
            "sleep",
            "tail",
            "uname")) {
      Files.createSymbolicLink(bin.resolve(tool), program(tool));
    }
    script(bin.resolve("id"), "echo 0\n");
    Path calls = temporary.resolve("calls");
    script(bin.resolve("apt-get"), "echo \"$@\" >> '" + calls + "'\n");
    environment.put("PATH", maven("test") + ":" + bin);
    build("one");
    gantry("test", "--no-install");
    assertThat(calls).doesNotExist();
    gantry("test");
    String install = "install -y -q --no-install-recommends ";
    assertThat(calls)
        .content()
        .isEqualTo(install + "busybox-static\n" + install + "shellcheck\n" + install + "awscli\n");
  }

  private Outcome gantry(String... arguments) throws Exception {
    return run(
        Stream.concat(Stream.of(tree.resolve("gantry").toString()), Stream.of(arguments)).toList());
  }

  private Outcome run(List<String> command) throws Exception {
    Path out = Files.createTempFile(temporary, "out", "");
    Path err = Files.createTempFile(temporary, "err", "");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    int code = builder.start().waitFor();
    return new Outcome(code, Files.readString(out), Files.readString(err));
  }

  private static boolean found(String program) {
    return Stream.of(PLAIN_PATH.split(":", -1))
        .anyMatch(place -> Files.isExecutable(Path.of(place, program)));
  }

  private static Path program(String name) {
    return Stream.of(PLAIN_PATH.split(":", -1))
        .map(place -> Path.of(place, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow();
  }

  /// A build that lies there ready, newer than every source.
  private void build(String name) throws IOException {
    Path lib = Files.createDirectories(tree.resolve(".gantry/dist").resolve(name).resolve("lib"));
    Files.writeString(lib.resolve("gantry.jar"), "");
    Files.writeString(tree.resolve(".gantry/dist/current"), name + "\n");
  }

  /// A JDK whose java prints its own path and its arguments, a line each; in a training it writes
  /// the cache.
  private Path jdk(String name, String version) throws IOException {
    Path home = Files.createDirectories(temporary.resolve(name));
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(
        home.resolve("release"),
        "IMPLEMENTOR=\"Nobody\"\nJAVA_RUNTIME_VERSION=\"" + version + "\"\nJAVA_VERSION=\"0\"\n");
    script(home.resolve("bin/javac"), "exit 1\n");
    script(
        home.resolve("bin/java"),
        """
        echo "$0"
        for argument in "$@"; do
          printf '%s\\n' "$argument"
          case $argument in -XX:AOTCacheOutput=*) printf trained > "${argument#*=}" ;; esac
        done
        exit "${FAKE_EXIT:-0}"
        """);
    return home;
  }

  /// A directory with an mvn that does one of a few things.
  private Path maven(String what) throws IOException {
    Path bin = Files.createDirectories(temporary.resolve("maven " + what).resolve("bin"));
    String report =
        """
        <testsuite>
          <testcase name="runs" classname="dev.x.PlainTest"/>
          <testcase name="adds" classname="dev.x.PlainTest"><failure message="expected &quot;1&quot;&#10;but">
            <![CDATA[<failure in a text]]></failure>
          </testcase>
          <testcase name="pulls" classname="dev.x.DockerTest">
            <skipped message="no &lt;registry&gt; here"/>
          </testcase>
          <testcase name="stops" classname="dev.x.DockerTest"/>
        </testsuite>
        """
            .replace("\"><failure", "\">\n    <failure");
    script(
        bin.resolve("mvn"),
        switch (what) {
          case "touch-a-jar" ->
              """
              echo '[INFO] Building Gantry: wire 0.1 [1/2]'
              mkdir -p wire/target
              for argument in "$@"; do
                case $argument in -Dgantry.dist=*) mkdir -p "${argument#*=}"; : > "${argument#*=}/gantry.jar" ;; esac
              done
              """;
          case "fail" ->
              """
              echo '[INFO] working'
              echo '[ERROR] A.java: not a statement'
              exit 1
              """;
          default ->
              "mkdir -p wire/target/surefire-reports\ncat > wire/target/surefire-reports/TEST-x.xml <<'END'\n"
                  + report
                  + "END\nexit 1\n";
        });
    return bin;
  }

  private static void script(Path file, String text) throws IOException {
    Files.write(file, ("#!/bin/sh\n" + text).getBytes(StandardCharsets.UTF_8));
    executable(file);
  }

  private static void executable(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /// A source that was written after the last build, whatever the clock's grain.
  private static void later(Path file) throws IOException {
    Files.writeString(file, "");
    Files.setLastModifiedTime(
        file, java.nio.file.attribute.FileTime.fromMillis(System.currentTimeMillis() + 2_000));
  }
}
