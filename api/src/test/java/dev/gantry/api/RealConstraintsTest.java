package dev.gantry.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.gantry.api.acs.IAMRoleCredentials;
import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.KeyValuePair;
import dev.gantry.api.ecs.LaunchType;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.logs.Logs;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.shape.Constraints;
import dev.gantry.wire.shape.Operation;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Requests as clients send them, against the models' constraints.
class RealConstraintsTest {
  static Stream<Arguments> requests() {
    return Stream.of(
        arguments(Ecs.RUN_TASK, "{'taskDefinition':'web:1','count':1,'launchType':'EC2'}", null),
        arguments(
            Ecs.RUN_TASK,
            "{}",
            "1 validation error detected: Value null at 'taskDefinition' failed to satisfy"
                + " constraint: Member must not be null"),
        arguments(
            Ecs.RUN_TASK,
            "{'taskDefinition':'web','launchType':'ec2'}",
            "1 validation error detected: Value 'ec2' at 'launchType' failed to satisfy constraint:"
                + " Member must satisfy enum value set: [EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES]"),
        arguments(
            Ecs.RUN_TASK,
            "{'taskDefinition':'web','capacityProviderStrategy':[{'capacityProvider':'a'},{'capacityProvider':'b','weight':1001}]}",
            "1 validation error detected: Value '1001' at"
                + " 'capacityProviderStrategy.2.member.weight' failed to satisfy constraint: Member"
                + " must have value less than or equal to 1000"),
        arguments(
            Ecs.REGISTER_TASK_DEFINITION,
            "{'family':'web','containerDefinitions':[{'name':'a','dependsOn':[{'containerName':'b'}]}]}",
            "1 validation error detected: Value null at"
                + " 'containerDefinitions.1.member.dependsOn.1.member.condition' failed to satisfy"
                + " constraint: Member must not be null"),
        arguments(
            Logs.CREATE_LOG_GROUP,
            "{'logGroupName':''}",
            "2 validation errors detected: Value '' at 'logGroupName' failed to satisfy constraint:"
                + " Member must have length greater than or equal to 1; Value '' at 'logGroupName'"
                + " failed to satisfy constraint: Member must satisfy regular expression pattern:"
                + " [\\.\\-_/#A-Za-z0-9]+"),
        arguments(Logs.CREATE_LOG_GROUP, "{'logGroupName':'/gantry/run'}", null),
        arguments(
            Logs.CREATE_LOG_STREAM,
            "{'logGroupName':'g','logStreamName':'a:b'}",
            "1 validation error detected: Value 'a:b' at 'logStreamName' failed to satisfy"
                + " constraint: Member must satisfy regular expression pattern: [^:*]*"));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource
  void requests(Operation<?, ?> operation, String quoted, @Nullable String violations) {
    assertThat(check(operation, quoted.replace('\'', '"'))).isEqualTo(violations);
  }

  private static <I> @Nullable String check(Operation<I, ?> operation, String json) {
    return Constraints.violations(operation.input(), AwsJson.decode(operation.input(), json));
  }

  @Test
  void secretsAreNotPrinted() {
    IAMRoleCredentials credentials =
        IAMRoleCredentials.builder()
            .accessKeyId("AKIA")
            .secretAccessKey("hidden")
            .sessionToken("hidden")
            .build();
    assertThat(credentials.toString())
        .contains("accessKeyId=AKIA", "secretAccessKey=***", "roleArn=null")
        .doesNotContain("hidden");
    ContainerDefinition container =
        ContainerDefinition.builder()
            .environment(List.of(KeyValuePair.builder().name("PASSWORD").value("hidden").build()))
            .build();
    assertThat(container.toString()).contains("environment=***").doesNotContain("hidden");
  }

  @Test
  void aBuilderStartsFromARecord() {
    RunTaskRequest request =
        RunTaskRequest.builder().taskDefinition("web").launchType(LaunchType.EC2).build();
    assertThat(request.toBuilder().build()).isEqualTo(request);
    assertThat(request.toBuilder().count(2).build().count()).isEqualTo(2);
    assertThat(request.count()).isNull();
  }
}
