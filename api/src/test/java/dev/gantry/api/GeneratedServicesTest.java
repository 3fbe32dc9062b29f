package dev.gantry.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.acs.Acs;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.api.logs.Logs;
import dev.gantry.api.tcs.Tcs;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.shape.Operation;
import dev.gantry.wire.shape.ServiceException;
import dev.gantry.wire.shape.ServiceModel;
import dev.gantry.wire.shape.Unit;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What the generator promises of the entry classes.
class GeneratedServicesTest {
  static Stream<ServiceModel> services() {
    return Stream.of(Ecs.SERVICE, Logs.SERVICE);
  }

  @ParameterizedTest
  @MethodSource("services")
  void everyOperationIsFoundByItsNameAndHasShapes(ServiceModel service) {
    for (Operation<?, ?> operation : service.operations()) {
      assertThat((Object) service.operation(operation.name())).isSameAs(operation);
      assertThat(operation.service()).isSameAs(service);
      assertThat(operation.input().name()).startsWith(operation.name());
      if (!operation.output().equals(Unit.SHAPE)) {
        assertThat(operation.output().name()).startsWith(operation.name());
      }
    }
    assertThat((Object) service.operation("NoSuchOperation")).isNull();
  }

  @Test
  void operationsAreThoseOfTheModel() {
    assertThat(Ecs.SERVICE.operations()).hasSize(88);
    assertThat(Logs.SERVICE.operations()).hasSize(118);
    assertThat(Ecs.RUN_TASK).hasToString("ecs:RunTask");
  }

  @Test
  void agentMessagesAreFoundByTheirName() {
    assertThat((Object) Acs.shape("PayloadMessage"))
        .isSameAs(dev.gantry.api.acs.PayloadMessage.SHAPE);
    assertThat((Object) Tcs.shape("PublishMetricsRequest"))
        .isSameAs(dev.gantry.api.tcs.PublishMetricsRequest.SHAPE);
    assertThat((Object) Acs.shape("Nonsense")).isNull();
  }

  @Test
  void errorsCarryCodeStatusAndLists() {
    ServiceException conflict = EcsErrors.conflictException("busy", List.of("a", "b"));
    assertThat(conflict.code()).isEqualTo("ConflictException");
    assertThat(conflict.status()).isEqualTo(400);
    assertThat(conflict.lists()).containsEntry("resourceIds", List.of("a", "b"));
    assertThat(EcsErrors.serverException("oh").status()).isEqualTo(500);
    assertThat(Ecs.SERVICE.invalidInput("no").code()).isEqualTo("InvalidParameterException");
  }

  @Test
  void aTaskDefinitionSurvivesTheRoundTrip() {
    String json =
        """
        {"family":"web","containerDefinitions":[{"name":"app","image":"app:1","cpu":0,\
        "portMappings":[{"containerPort":80,"hostPort":0}],"essential":true,\
        "environment":[],"dockerLabels":{"b":"1","a":"2"}}]}\
        """;
    RegisterTaskDefinitionRequest request =
        AwsJson.decode(RegisterTaskDefinitionRequest.SHAPE, json);
    assertThat(AwsJson.encodeToString(RegisterTaskDefinitionRequest.SHAPE, request))
        .isEqualTo(json);
  }
}
