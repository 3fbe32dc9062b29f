package dev.gantry.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.ecs.model.AttachmentStateChange;
import software.amazon.awssdk.services.ecs.model.ContainerInstance;

/// The host as the cluster sees it, and the calls of agents as anybody can make them.
@Tag("docker")
@ExtendWith(SharedGantry.class)
class ContainerInstanceTest {
  private final GantryProcess gantry;
  private final AwsClients clients;

  ContainerInstanceTest(GantryProcess gantry) throws IOException {
    this.gantry = gantry;
    this.clients = AwsClients.of(gantry);
  }

  @AfterEach
  void close() {
    clients.close();
  }

  @Test
  void theHostIsListedAndDescribed() {
    List<String> arns =
        clients
            .ecs()
            .listContainerInstances(request -> request.cluster(SdkTasks.CLUSTER))
            .containerInstanceArns();
    assertThat(arns)
        .singleElement()
        .satisfies(arn ->
            assertThat(arn)
                .startsWith("arn:aws:ecs:us-east-1:000000000000:container-instance/default/"));
    ContainerInstance host =
        clients
            .ecs()
            .describeContainerInstances(
                request -> request.cluster(SdkTasks.CLUSTER).containerInstances(arns))
            .containerInstances()
            .getFirst();
    assertThat(host.status()).isEqualTo("ACTIVE");
    assertThat(host.agentConnected()).isTrue();
    assertThat(host.versionInfo().dockerVersion()).isNotEmpty();
    assertThat(host.attributes())
        .anyMatch(attribute -> attribute.name().equals("ecs.os-type"))
        .anyMatch(attribute ->
            attribute.name().equals("com.amazonaws.ecs.capability.logging-driver.awslogs"));
    assertThat(host.registeredResources())
        .filteredOn(resource -> resource.name().equals("CPU"))
        .singleElement()
        .satisfies(cpu ->
            assertThat(cpu.integerValue())
                .isEqualTo(1024 * Runtime.getRuntime().availableProcessors()));
  }

  @Test
  void agentsAreSentBackToWhereTheyCalled() {
    assertThat(
            clients
                .ecs()
                .discoverPollEndpoint(request -> request.cluster(SdkTasks.CLUSTER))
                .endpoint())
        .startsWith(gantry.endpoint().toString());
  }

  /// An agent repeats for ever what it is refused, so reports of what nobody knows are taken.
  @Test
  void reportsOfWhatIsGoneAreTaken() {
    String task = "arn:aws:ecs:us-east-1:000000000000:task/default/" + "0".repeat(32);
    assertThat(
            clients
                .ecs()
                .submitTaskStateChange(request -> request.task(task).status("STOPPED"))
                .acknowledgment())
        .isEqualTo("ACCEPT");
    assertThat(
            clients
                .ecs()
                .submitContainerStateChange(
                    request -> request.task(task).containerName("app").status("STOPPED"))
                .acknowledgment())
        .isEqualTo("ACCEPT");
    assertThat(
            clients
                .ecs()
                .submitAttachmentStateChanges(request ->
                    request.attachments(
                        AttachmentStateChange.builder()
                            .attachmentArn("arn:aws:ecs:us-east-1:000000000000:attachment/x")
                            .status("DETACHED")
                            .build()))
                .acknowledgment())
        .isEqualTo("ACCEPT");
  }
}
