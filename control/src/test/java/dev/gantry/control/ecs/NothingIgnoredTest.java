package dev.gantry.control.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.ContainerOverride;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.StartTaskRequest;
import dev.gantry.api.ecs.TaskOverride;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.FakeAgent;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.shape.ServiceException;
import dev.gantry.wire.shape.Structure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every member of a definition and of an override acts, or is refused by name when a task is
/// launched: none is ignored. A member that the API's model gains fails this test until it is one
/// or the other.
class NothingIgnoredTest {
  private static final List<String> DEFINITION_ACTS =
      List.of(
          "family",
          "networkMode",
          "containerDefinitions",
          "placementConstraints",
          "requiresCompatibilities",
          "cpu",
          "memory",
          "tags",
          "runtimePlatform",
          // Kept: there is no IAM, and COMPATIBILITY.md says so.
          "executionRoleArn");

  private static final Map<String, String> DEFINITION_REFUSED =
      new TreeMap<>(
          Map.of(
              "taskRoleArn", "\"arn:aws:iam::000000000000:role/app\"",
              "volumes", "[{\"name\":\"data\"}]",
              "pidMode", "\"task\"",
              "ipcMode", "\"task\"",
              "proxyConfiguration", "{\"containerName\":\"app\"}",
              "inferenceAccelerators", "[{\"deviceName\":\"a\",\"deviceType\":\"eia1.medium\"}]",
              "ephemeralStorage", "{\"sizeInGiB\":30}",
              "enableFaultInjection", "true"));

  private static final List<String> CONTAINER_ACTS =
      List.of(
          "name",
          "image",
          "cpu",
          "memory",
          "memoryReservation",
          "portMappings",
          "essential",
          "entryPoint",
          "command",
          "environment",
          "linuxParameters",
          "stopTimeout",
          "hostname",
          "user",
          "workingDirectory",
          "disableNetworking",
          "privileged",
          "readonlyRootFilesystem",
          "dnsServers",
          "dnsSearchDomains",
          "extraHosts",
          "dockerSecurityOptions",
          "interactive",
          "pseudoTerminal",
          "dockerLabels",
          "ulimits",
          "logConfiguration",
          "systemControls",
          // Kept: it is about the deployments of services, and COMPATIBILITY.md says so.
          "versionConsistency");

  private static final Map<String, String> CONTAINER_REFUSED =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(
                  "repositoryCredentials",
                  "{\"credentialsParameter\":\"arn:aws:secretsmanager:us-east-1:000000000000:secret:a\"}"),
              Map.entry("links", "[\"other\"]"),
              Map.entry("restartPolicy", "{\"enabled\":true}"),
              Map.entry(
                  "environmentFiles", "[{\"value\":\"arn:aws:s3:::b/a.env\",\"type\":\"s3\"}]"),
              Map.entry("mountPoints", "[{\"sourceVolume\":\"data\",\"containerPath\":\"/data\"}]"),
              Map.entry("volumesFrom", "[{\"sourceContainer\":\"other\"}]"),
              Map.entry("secrets", "[{\"name\":\"A\",\"valueFrom\":\"parameter\"}]"),
              Map.entry("dependsOn", "[{\"containerName\":\"other\",\"condition\":\"START\"}]"),
              Map.entry("startTimeout", "30"),
              Map.entry("healthCheck", "{\"command\":[\"CMD\",\"true\"]}"),
              Map.entry("resourceRequirements", "[{\"type\":\"GPU\",\"value\":\"1\"}]"),
              Map.entry("firelensConfiguration", "{\"type\":\"fluentbit\"}"),
              Map.entry("credentialSpecs", "[\"credentialspec:file://a.json\"]")));

  private static final List<String> OVERRIDE_ACTS =
      List.of("containerOverrides", "cpu", "memory", "executionRoleArn");

  private static final Map<String, String> OVERRIDE_REFUSED =
      new TreeMap<>(
          Map.of(
              "taskRoleArn", "\"arn:aws:iam::000000000000:role/app\"",
              "inferenceAcceleratorOverrides",
                  "[{\"deviceName\":\"a\",\"deviceType\":\"eia1.medium\"}]",
              "ephemeralStorage", "{\"sizeInGiB\":30}"));

  private static final List<String> CONTAINER_OVERRIDE_ACTS =
      List.of("name", "command", "environment", "cpu", "memory", "memoryReservation");

  private static final Map<String, String> CONTAINER_OVERRIDE_REFUSED =
      new TreeMap<>(
          Map.of(
              "environmentFiles", "[{\"value\":\"arn:aws:s3:::b/a.env\",\"type\":\"s3\"}]",
              "resourceRequirements", "[{\"type\":\"GPU\",\"value\":\"1\"}]"));

  private final ControlHarness control = EcsHarness.withDefaultCluster();
  private final String host = FakeAgent.register(control, "default").connect().arn();

  @Test
  void everyMemberIsOneOrTheOther() {
    classified(RegisterTaskDefinitionRequest.SHAPE, DEFINITION_ACTS, DEFINITION_REFUSED);
    classified(ContainerDefinition.SHAPE, CONTAINER_ACTS, CONTAINER_REFUSED);
    classified(TaskOverride.SHAPE, OVERRIDE_ACTS, OVERRIDE_REFUSED);
    classified(ContainerOverride.SHAPE, CONTAINER_OVERRIDE_ACTS, CONTAINER_OVERRIDE_REFUSED);
  }

  private static void classified(
      Structure<?> shape, List<String> acts, Map<String, String> refused) {
    List<String> all = new ArrayList<>(acts);
    all.addAll(refused.keySet());
    assertThat(shape.members())
        .extracting(member -> member.name())
        .containsExactlyInAnyOrderElementsOf(all);
  }

  private static Stream<Map.Entry<String, String>> definitions() {
    return DEFINITION_REFUSED.entrySet().stream();
  }

  @ParameterizedTest
  @MethodSource("definitions")
  void ofADefinition(Map.Entry<String, String> member) {
    define("", ",\"" + member.getKey() + "\":" + member.getValue());
    bothRefuse(member.getKey(), "{}");
  }

  private static Stream<Map.Entry<String, String>> containers() {
    return CONTAINER_REFUSED.entrySet().stream();
  }

  @ParameterizedTest
  @MethodSource("containers")
  void ofAContainer(Map.Entry<String, String> member) {
    define(
        ",\"" + member.getKey() + "\":" + member.getValue(),
        member.getKey().equals("mountPoints") ? ",\"volumes\":[{\"name\":\"data\"}]" : "");
    bothRefuse("containerDefinitions[0]." + member.getKey(), "{}");
  }

  private static Stream<Map.Entry<String, String>> overrides() {
    return OVERRIDE_REFUSED.entrySet().stream();
  }

  @ParameterizedTest
  @MethodSource("overrides")
  void ofAnOverride(Map.Entry<String, String> member) {
    define("", "");
    bothRefuse(
        "overrides." + member.getKey(), "{\"" + member.getKey() + "\":" + member.getValue() + "}");
  }

  private static Stream<Map.Entry<String, String>> containerOverrides() {
    return CONTAINER_OVERRIDE_REFUSED.entrySet().stream();
  }

  @ParameterizedTest
  @MethodSource("containerOverrides")
  void ofAContainersOverride(Map.Entry<String, String> member) {
    define("", "");
    bothRefuse(
        member.getKey(),
        "{\"containerOverrides\":[{\"name\":\"app\",\""
            + member.getKey()
            + "\":"
            + member.getValue()
            + "}]}");
  }

  private void define(String ofContainer, String ofDefinition) {
    control.call(
        Ecs.REGISTER_TASK_DEFINITION,
        AwsJson.decode(
            RegisterTaskDefinitionRequest.SHAPE,
            "{\"family\":\"f\",\"containerDefinitions\":[{\"name\":\"app\",\"image\":\"i\","
                + "\"memory\":64"
                + ofContainer
                + "},{\"name\":\"other\",\"image\":\"i\",\"memory\":64}]"
                + ofDefinition
                + "}"));
  }

  private void bothRefuse(String member, String overrides) {
    TaskOverride decoded = AwsJson.decode(TaskOverride.SHAPE, overrides);
    refused(
        member,
        control.refusal(
            Ecs.RUN_TASK, RunTaskRequest.builder().taskDefinition("f").overrides(decoded).build()));
    refused(
        member,
        control.refusal(
            Ecs.START_TASK,
            StartTaskRequest.builder()
                .taskDefinition("f")
                .containerInstances(List.of(host))
                .overrides(decoded)
                .build()));
  }

  private static void refused(String member, ServiceException refusal) {
    assertThat(refusal.code()).isEqualTo("UnsupportedFeatureException");
    assertThat(refusal.text()).contains(member);
  }
}
