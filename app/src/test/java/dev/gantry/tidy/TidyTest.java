package dev.gantry.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The house rules that a compiler does not know. Each failure names the place, the reason, and
/// what to do instead.
class TidyTest {
  private static final JavaClasses HOUSE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.gantry");

  /// Packages of the program room; they may use every shipped room.
  private static final List<String> PROGRAM = List.of("cli", "engine", "home", "wiring");

  /// Which rooms a room may use, besides itself.
  private static final Map<String, List<String>> ARROWS = arrows();

  private static Map<String, List<String>> arrows() {
    Map<String, List<String>> arrows = new LinkedHashMap<>();
    arrows.put("model", List.of());
    arrows.put("scheduler", List.of("model"));
    arrows.put("store", List.of("model"));
    arrows.put("wire", List.of());
    arrows.put("api", List.of("wire"));
    arrows.put("http", List.of("wire"));
    arrows.put("control", List.of("model", "scheduler", "store", "wire", "api"));
    arrows.put("agent", List.of("wire", "api"));
    return arrows;
  }

  /// Libraries that one place alone may know, and why.
  private static final List<String[]> OWNED =
      List.of(
          new String[] {"io.helidon.", "http", "the server library is behind the Endpoint port"},
          new String[] {"java.sql.", "store.jdbc", "SQL is behind the Journal and LogStore ports"},
          new String[] {"picocli.", "cli", "only the command line parses commands"},
          new String[] {
            "tools.jackson.databind.", "-", "jackson-core alone: databind costs start-up time"
          });

  /// The cores: what happens in them must happen again from the same events.
  private static final List<String> CORES =
      List.of("model", "scheduler", "store", "control", "agent", "wire");

  /// Adapters that live inside a core's room and may do what the core may not.
  private static final List<String> ADAPTERS =
      List.of("store.jdbc", "agent.docker", "agent.link", "agent.home", "agent.runner");

  @Test
  void theArrowsHold() {
    List<String> wrong = new ArrayList<>();
    for (JavaClass type : HOUSE) {
      String room = room(type);
      if (PROGRAM.contains(room)) {
        continue;
      }
      List<String> allowed = ARROWS.getOrDefault(room, List.of());
      for (Dependency use : type.getDirectDependenciesFromSelf()) {
        JavaClass target = use.getTargetClass();
        if (target.getPackageName().startsWith("dev.gantry")
            && !room(target).equals(room)
            && !allowed.contains(room(target))) {
          wrong.add(
              use.getDescription() + ": " + room + " may use " + allowed + " only (ARCHITECTURE)");
        }
        if (target.getPackageName().startsWith("dev.gantry.store.jdbc") && !room.equals("store")) {
          wrong.add(use.getDescription() + ": only the wiring chooses a store adapter");
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void librariesStayBehindTheirPort() {
    List<String> wrong = new ArrayList<>();
    for (JavaClass type : HOUSE) {
      for (Dependency use : type.getDirectDependenciesFromSelf()) {
        for (String[] owned : OWNED) {
          if (use.getTargetClass().getName().startsWith(owned[0]) && !in(type, owned[1])) {
            wrong.add(use.getDescription() + ": " + owned[2]);
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @ParameterizedTest(name = "{0}.{1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          java.time.Instant               | now               | time is an argument: take an Instant
          java.time.Clock                 | systemUTC         | time is an argument: take an Instant
          java.time.InstantSource         | system            | time is an argument: take an Instant
          java.lang.System                | currentTimeMillis | time is an argument: take an Instant
          java.lang.System                | nanoTime          | time is an argument: take an Instant
          java.lang.Thread                | sleep             | nothing waits in a core: ask for wakeAt
          java.lang.Thread                | start             | cores own no thread: return an effect
          java.lang.Thread                | ofVirtual         | cores own no thread: return an effect
          java.lang.Thread                | ofPlatform        | cores own no thread: return an effect
          java.util.UUID                  | randomUUID        | chance is an argument: take a RandomGenerator
          java.lang.Math                  | random            | chance is an argument: take a RandomGenerator
          java.util.concurrent.ThreadLocalRandom | current    | chance is an argument: take a RandomGenerator
          java.util.Map                   | copyOf            | its order differs between runs: use LinkedHashMap or TreeMap
          java.util.Set                   | copyOf            | its order differs between runs: use LinkedHashSet or TreeSet
          """)
  void coresDoNot(String owner, String method, String reason) {
    List<String> wrong = new ArrayList<>();
    forEachCoreAccess(access -> {
      if (access.getTargetOwner().getName().equals(owner)
          && access.getTarget().getName().equals(method)) {
        wrong.add(access.getDescription() + ": " + reason);
      }
    });
    assertThat(wrong).isEmpty();
  }

  @ParameterizedTest(name = "new {0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          java.util.Random               | chance is an argument: take a RandomGenerator
          java.security.SecureRandom     | chance is an argument: take a RandomGenerator
          java.util.HashMap              | its order differs between runs: use LinkedHashMap or TreeMap
          java.util.HashSet              | its order differs between runs: use LinkedHashSet or TreeSet
          java.lang.Thread               | cores own no thread: return an effect
          java.lang.ThreadLocal          | state is passed, not hidden in a thread
          """)
  void coresDoNotMake(String type, String reason) {
    List<String> wrong = new ArrayList<>();
    forEachCoreAccess(access -> {
      if (access.getTargetOwner().getName().equals(type)
          && access.getTarget().getName().equals("<init>")) {
        wrong.add(access.getDescription() + ": " + reason);
      }
    });
    assertThat(wrong).isEmpty();
  }

  @Test
  void futuresAreNotChained() {
    List<String> wrong = new ArrayList<>();
    for (JavaClass type : HOUSE) {
      for (JavaAccess<?> access : type.getAccessesFromSelf()) {
        String name = access.getTarget().getName();
        if (access.getTargetOwner().getName().equals("java.util.concurrent.CompletableFuture")
            && (name.startsWith("then") || name.startsWith("handle") || name.startsWith("when"))) {
          wrong.add(
              access.getDescription() + ": write blocking code at the edge, events in a core");
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void staticsHoldNoState() {
    List<String> wrong = new ArrayList<>();
    for (JavaClass type : HOUSE) {
      for (JavaField field : type.getFields()) {
        if (field.getModifiers().contains(JavaModifier.STATIC)
            && !field.getModifiers().contains(JavaModifier.FINAL)
            && !field.getModifiers().contains(JavaModifier.SYNTHETIC)) {
          wrong.add(field.getFullName() + ": a static that changes cannot be simulated or tested");
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  /// A rule that matches nothing proves nothing: the house must have been found, with every room in
  /// it.
  @Test
  void everyRoomWasSeen() {
    TreeSet<String> rooms = new TreeSet<>();
    HOUSE.forEach(type -> rooms.add(room(type)));
    assertThat(rooms).containsAll(ARROWS.keySet()).containsAll(PROGRAM);
  }

  private static void forEachCoreAccess(Consumer<JavaAccess<?>> check) {
    for (JavaClass type : HOUSE) {
      if (CORES.contains(room(type)) && ADAPTERS.stream().noneMatch(a -> in(type, a))) {
        type.getAccessesFromSelf().forEach(check);
      }
    }
  }

  private static boolean in(JavaClass type, String place) {
    String name = type.getPackageName();
    return name.equals("dev.gantry." + place) || name.startsWith("dev.gantry." + place + ".");
  }

  private static String room(JavaClass type) {
    String below = type.getPackageName().substring("dev.gantry".length());
    int end = below.indexOf('.', 1);
    return below.isEmpty() ? "" : below.substring(1, end < 0 ? below.length() : end);
  }
}
