package dev.gantry.control.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.ClusterSetting;
import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.DeleteClusterRequest;
import dev.gantry.api.ecs.DescribeClustersRequest;
import dev.gantry.api.ecs.DescribeClustersResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.Failure;
import dev.gantry.api.ecs.ListClustersRequest;
import dev.gantry.api.ecs.ListClustersResponse;
import dev.gantry.api.ecs.Tag;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.FakeAgent;
import dev.gantry.model.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterOperationsTest {
  private final ControlHarness control = new ControlHarness(EcsHarness::register);

  @Test
  void aClusterIsMadeOnceAndShownAgain() {
    var first = create("demo");
    assertThat(first.clusterArn()).isEqualTo("arn:aws:ecs:us-east-1:000000000000:cluster/demo");
    assertThat(first.status()).isEqualTo("ACTIVE");
    assertThat(create("demo")).isEqualTo(first);
    assertThat(create(null).clusterName()).isEqualTo("default");
  }

  @Test
  void optionalPartsAreShownOnlyWhenAskedFor() {
    control.call(
        Ecs.CREATE_CLUSTER,
        CreateClusterRequest.builder()
            .clusterName("demo")
            .settings(
                List.of(
                    ClusterSetting.builder().name("containerInsights").value("enabled").build()))
            .tags(List.of(Tag.builder().key("team").value("a").build()))
            .build());
    var plain = Objects.requireNonNull(describe(List.of(), "demo").clusters()).getFirst();
    assertThat(plain.settings()).isEmpty();
    assertThat(plain.tags()).isEmpty();
    assertThat(plain.statistics()).isEmpty();
    var full =
        Objects.requireNonNull(
                describe(List.of("SETTINGS", "TAGS", "STATISTICS"), "demo").clusters())
            .getFirst();
    assertThat(Objects.requireNonNull(full.settings()).getFirst().value()).isEqualTo("enabled");
    assertThat(Objects.requireNonNull(full.tags()).getFirst().key()).isEqualTo("team");
    assertThat(full.statistics()).hasSize(12);
  }

  @Test
  void whatIsNotThereIsAFailureAndNotAnError() {
    DescribeClustersResponse response = describe(List.of(), "nowhere");
    assertThat(response.clusters()).isEmpty();
    assertThat(response.failures())
        .containsExactly(
            Failure.builder()
                .arn("arn:aws:ecs:us-east-1:000000000000:cluster/nowhere")
                .reason("MISSING")
                .build());
  }

  @Test
  void accountsAndRegionsDoNotSeeEachOther() {
    create("demo");
    control.as(new Scope("111111111111", "us-east-1"));
    assertThat(describe(List.of(), "demo").clusters()).isEmpty();
    assertThat(describe(List.of(), "arn:aws:ecs:us-east-1:000000000000:cluster/demo").clusters())
        .isEmpty();
    control.as(new Scope("000000000000", "eu-west-1"));
    assertThat(describe(List.of(), "demo").clusters()).isEmpty();
  }

  @Test
  void pagesCoverEverythingOnce() {
    for (int i = 0; i < 25; i++) {
      create("c" + i);
    }
    List<String> seen = new ArrayList<>();
    String token = null;
    int pages = 0;
    do {
      ListClustersResponse page =
          control.call(
              Ecs.LIST_CLUSTERS,
              ListClustersRequest.builder().maxResults(10).nextToken(token).build());
      seen.addAll(Objects.requireNonNull(page.clusterArns()));
      token = page.nextToken();
      pages++;
    } while (token != null);
    assertThat(pages).isEqualTo(3);
    assertThat(seen).hasSize(25).doesNotHaveDuplicates();
    assertThat(
            control
                .refusal(Ecs.LIST_CLUSTERS, ListClustersRequest.builder().nextToken("x").build())
                .code())
        .isEqualTo("InvalidParameterException");
  }

  @Test
  void aClusterInUseIsNotDeleted() {
    create("default");
    FakeAgent.register(control, "default");
    assertThat(delete("default")).isEqualTo("ClusterContainsContainerInstancesException");
    assertThat(delete("nowhere")).isEqualTo("ClusterNotFoundException");
  }

  @Test
  void aDeletedClusterIsInactiveForAWhileAndThenForgotten() {
    create("demo");
    var gone =
        control
            .call(Ecs.DELETE_CLUSTER, DeleteClusterRequest.builder().cluster("demo").build())
            .cluster();
    assertThat(Objects.requireNonNull(gone).status()).isEqualTo("INACTIVE");
    assertThat(Objects.requireNonNull(describe(List.of(), "demo").clusters()).getFirst().status())
        .isEqualTo("INACTIVE");
    assertThat(delete("demo")).isEqualTo("ClusterNotFoundException");
    control.pass(Duration.ofHours(2));
    assertThat(describe(List.of(), "demo").clusters()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a/b", "é", "a|b"})
  void badNamesAreRefused(String name) {
    assertThat(
            control
                .refusal(
                    Ecs.CREATE_CLUSTER, CreateClusterRequest.builder().clusterName(name).build())
                .code())
        .isEqualTo("InvalidParameterException");
    assertThat(control.state().size()).isZero();
  }

  @Test
  void whatDoesNotActIsRefusedByName() {
    assertThat(
            control
                .refusal(
                    Ecs.CREATE_CLUSTER,
                    CreateClusterRequest.builder().capacityProviders(List.of("x")).build())
                .text())
        .contains("capacityProviders");
  }

  private dev.gantry.api.ecs.Cluster create(@org.jspecify.annotations.Nullable String name) {
    return Objects.requireNonNull(
        control
            .call(Ecs.CREATE_CLUSTER, CreateClusterRequest.builder().clusterName(name).build())
            .cluster());
  }

  private DescribeClustersResponse describe(List<String> include, String... names) {
    return control.call(
        Ecs.DESCRIBE_CLUSTERS,
        DescribeClustersRequest.builder().clusters(List.of(names)).include(include).build());
  }

  private String delete(String name) {
    return control
        .refusal(Ecs.DELETE_CLUSTER, DeleteClusterRequest.builder().cluster(name).build())
        .code();
  }
}
