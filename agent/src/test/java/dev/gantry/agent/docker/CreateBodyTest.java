package dev.gantry.agent.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.gantry.agent.ContainerRuntime.ContainerSpec;
import dev.gantry.agent.ContainerRuntime.PublishedPort;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CreateBodyTest {
  private static ContainerSpec spec(@Nullable String config, @Nullable String hostConfig) {
    TreeMap<String, String> labels = new TreeMap<>();
    labels.put("com.amazonaws.ecs.task-arn", "arn:task");
    labels.put("dev.gantry.installation", "house");
    labels.put("plain", "derived");
    TreeMap<String, String> options = new TreeMap<>();
    options.put("max-file", "2");
    options.put("max-size", "10m");
    return new ContainerSpec(
        "web",
        "app:1",
        List.of("serve", "--all"),
        null,
        List.of("B=2", "A=1"),
        labels,
        256,
        64 << 20,
        32 << 20,
        "bridge",
        List.of(
            new PublishedPort(80, 0, "tcp", ""),
            new PublishedPort(80, 8080, "tcp", "127.0.0.1"),
            new PublishedPort(53, 5353, "udp", "")),
        "json-file",
        options,
        config,
        hostConfig);
  }

  private static Json body(@Nullable String config, @Nullable String hostConfig)
      throws RuntimeFailure, Json.BadJson {
    return Json.parse(CreateBody.of(spec(config, hostConfig)));
  }

  private static String text(Json json) {
    return new String(json.bytes(), StandardCharsets.UTF_8);
  }

  @Test
  void specIsSpelledInTheEnginesWords() throws Exception {
    assertThat(text(body(null, null)))
        .isEqualTo(
            """
            {"Image":"app:1","Cmd":["serve","--all"],"Env":["B=2","A=1"],\
            "Labels":{"com.amazonaws.ecs.task-arn":"arn:task","plain":"derived",\
            "dev.gantry.installation":"house"},\
            "ExposedPorts":{"80/tcp":{},"53/udp":{}},\
            "HostConfig":{"NetworkMode":"bridge","CpuShares":256,"Memory":67108864,\
            "MemoryReservation":33554432,\
            "PortBindings":{"80/tcp":[{"HostIp":"","HostPort":""},\
            {"HostIp":"127.0.0.1","HostPort":"8080"}],"53/udp":[{"HostIp":"","HostPort":"5353"}]},\
            "LogConfig":{"Type":"json-file","Config":{"max-file":"2","max-size":"10m"}}}}\
            """);
  }

  @Test
  void emptyCommandAndEntryPointAreLeftToTheImage() throws Exception {
    ContainerSpec bare =
        new ContainerSpec(
            "web",
            "app:1",
            List.of(),
            List.of(),
            List.of(),
            new TreeMap<>(),
            2,
            0,
            0,
            "none",
            List.of(),
            "json-file",
            new TreeMap<>(),
            null,
            null);
    assertThat(Json.parse(CreateBody.of(bare)).fields())
        .doesNotContainKeys("Cmd", "Entrypoint", "Env");
  }

  /// One rule of Go's json.Unmarshal each: where to look, what is laid over, what must be there.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "plain value replaces   | {'Memory': 5}                 | Memory           | 5",
        "in any case            | {'memory': 5}                 | Memory           | 5",
        "new field is added     | {'ShmSize': 7, 'Init': true}  | ShmSize          | 7",
        "null keeps a value     | {'Memory': null}              | Memory           | 67108864",
        "null drops a map       | {'PortBindings': null}        | PortBindings     | null",
        "map gains a key        | {'PortBindings': {'9/tcp': [{'HostPort': '9'}]}}"
            + " | PortBindings/9/tcp | [{'HostPort':'9'}]",
        "map keeps its others   | {'PortBindings': {'9/tcp': []}} | PortBindings/53/udp"
            + " | [{'HostIp':'','HostPort':'5353'}]",
        "map key is replaced whole | {'PortBindings': {'80/tcp': [{'HostPort': '9'}]}}"
            + " | PortBindings/80/tcp | [{'HostPort':'9'}]",
        "struct is merged       | {'logconfig': {'type': 'none'}} | LogConfig/Type | 'none'",
        "struct keeps the rest  | {'LogConfig': {'Type': 'none'}}"
            + " | LogConfig/Config/max-file | '2'",
        "map in a struct        | {'LogConfig': {'Config': {'max-file': '9'}}}"
            + " | LogConfig/Config/max-size | '10m'",
        "list is new            | {'CapAdd': ['NET_ADMIN']}     | CapAdd           | ['NET_ADMIN']",
        "numbers keep their digits | {'NanoCpus': 12345678901234567890123} | NanoCpus"
            + " | 12345678901234567890123",
      })
  void hostConfigIsLaidOverTheDerivedOne(String rule, String overlay, String path, String expected)
      throws Exception {
    Json found = body(null, overlay.replace('\'', '"')).at("HostConfig");
    // Map keys have slashes of their own: 80/tcp.
    for (String key : path.split("/(?!tcp|udp)", -1)) {
      found = found.at(key);
    }
    assertThat(text(found)).as(rule).isEqualTo(expected.replace('\'', '"'));
  }

  @Test
  void configIsLaidOverTheDerivedOne() throws Exception {
    Json body =
        body(
            "{\"Env\":[\"C=3\"],\"cmd\":[\"other\"],\"Hostname\":\"h\","
                + "\"Healthcheck\":{\"Test\":[\"CMD\",\"x\"],\"Interval\":1000000000}}",
            null);
    assertThat(body.at("Env").texts()).containsExactly("C=3");
    assertThat(body.at("Cmd").texts()).containsExactly("other");
    assertThat(body.at("Hostname").text()).isEqualTo("h");
    assertThat(body.at("Healthcheck").at("Interval").integer(0)).isEqualTo(1_000_000_000);
    assertThat(body.fields()).doesNotContainKey("cmd");
  }

  @Test
  void labelsOfOwnershipCannotBeForgedOrDropped() throws Exception {
    String forged =
        "{\"Labels\":{\"dev.gantry.installation\":\"theirs\",\"dev.gantry.image\":\"x\","
            + "\"com.amazonaws.ecs.task-arn\":\"arn:other\",\"com.amazonaws.ecs.mine\":\"kept\","
            + "\"plain\":\"theirs\"}}";
    for (String overlay : List.of(forged, forged.replace("Labels", "labels"))) {
      assertThat(text(body(overlay, null).at("Labels")))
          .isEqualTo(
              "{\"com.amazonaws.ecs.task-arn\":\"arn:task\",\"plain\":\"theirs\","
                  + "\"com.amazonaws.ecs.mine\":\"kept\",\"dev.gantry.installation\":\"house\"}");
    }
    assertThat(text(body("{\"Labels\":null}", null).at("Labels")))
        .isEqualTo(
            "{\"com.amazonaws.ecs.task-arn\":\"arn:task\",\"dev.gantry.installation\":\"house\"}");
    assertThat(text(body("{\"Labels\":\"x\"}", null).at("Labels")))
        .contains("\"dev.gantry.installation\":\"house\"");
  }

  @Test
  void hostConfigCannotComeInThroughConfig() throws Exception {
    Json body =
        body(
            "{\"HostConfig\":{\"Privileged\":true},\"hostconfig\":{\"Privileged\":true},"
                + "\"NetworkingConfig\":{}}",
            null);
    assertThat(body.at("HostConfig").fields()).doesNotContainKey("Privileged");
    assertThat(body.fields()).doesNotContainKeys("hostconfig", "NetworkingConfig");
  }

  @Test
  void emptyAndNullOverlaysChangeNothing() throws Exception {
    String plain = text(body(null, null));
    assertThat(text(body("{}", "null"))).isEqualTo(plain);
    assertThat(text(body(" null ", " {} "))).isEqualTo(plain);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "\"x\"", "7", "true", "{} {}", "{\"a\":}"})
  void whatIsNoObjectIsRefusedInAmazonsWords(String overlay) {
    assertThatExceptionOfType(RuntimeFailure.class)
        .isThrownBy(() -> CreateBody.of(spec(overlay, null)))
        .withMessageStartingWith("Unable decode given docker config: ")
        .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.REFUSED));
    assertThatExceptionOfType(RuntimeFailure.class)
        .isThrownBy(() -> CreateBody.of(spec(null, overlay)))
        .withMessageStartingWith("Unable to decode given host config: ");
  }

  @Test
  void hostileOverlaysAreBounded() {
    String deep = "{\"a\":" + "[".repeat(100) + "]".repeat(100) + "}";
    String large = "{\"a\":\"" + "x".repeat(CreateBody.MAX_OVERLAY_CHARS) + "\"}";
    for (String overlay : List.of(deep, large)) {
      assertThatExceptionOfType(RuntimeFailure.class)
          .isThrownBy(() -> CreateBody.of(spec(overlay, null)));
    }
  }
}
