package dev.gantry.control.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.DeleteClusterRequest;
import dev.gantry.api.ecs.DeregisterContainerInstanceRequest;
import dev.gantry.api.ecs.DescribeContainerInstancesRequest;
import dev.gantry.api.ecs.DescribeTasksRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.ListTagsForResourceRequest;
import dev.gantry.api.ecs.Tag;
import dev.gantry.api.ecs.TagResourceRequest;
import dev.gantry.api.ecs.UntagResourceRequest;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.FakeAgent;
import dev.gantry.model.Scope;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaggingOperationsTest {
  private static final String HERE = "arn:aws:ecs:us-east-1:000000000000:";
  private static final String CLUSTER = HERE + "cluster/default";

  private final ControlHarness control = EcsHarness.withDefaultCluster();
  private final FakeAgent agent = FakeAgent.register(control, "default").connect();
  private String task = "";

  @BeforeEach
  void run() {
    EcsHarness.define(control, "app", EcsHarness.container("app").build());
    task = EcsHarness.runOne(control, "app");
  }

  @Test
  void everyKindOfResourceIsTaggedAndUntagged() {
    for (String arn : List.of(CLUSTER, HERE + "task-definition/app:1", task, agent.arn())) {
      assertThat(tags(arn)).isEmpty();
      tag(arn, pair("team", "a"), pair("Team", "b"), pair("empty", ""));
      tag(arn, pair("team", "c"), pair("new", "d"));
      assertThat(tags(arn))
          .as(arn)
          .containsExactly(
              pair("team", "c"), pair("Team", "b"), pair("empty", ""), pair("new", "d"));
      untag(arn, "team", "never there");
      assertThat(tags(arn)).containsExactly(pair("Team", "b"), pair("empty", ""), pair("new", "d"));
    }
  }

  @Test
  void tagsAreDescribedOnlyWhenAskedFor() {
    tag(task, pair("team", "a"));
    tag(agent.arn(), pair("team", "b"));
    DescribeTasksRequest tasks = DescribeTasksRequest.builder().tasks(List.of(task)).build();
    assertThat(
            Objects.requireNonNull(control.call(Ecs.DESCRIBE_TASKS, tasks).tasks())
                .getFirst()
                .tags())
        .isEmpty();
    assertThat(
            Objects.requireNonNull(
                    control
                        .call(
                            Ecs.DESCRIBE_TASKS, tasks.toBuilder().include(List.of("TAGS")).build())
                        .tasks())
                .getFirst()
                .tags())
        .containsExactly(pair("team", "a"));
    DescribeContainerInstancesRequest instances =
        DescribeContainerInstancesRequest.builder()
            .containerInstances(List.of(agent.arn()))
            .build();
    assertThat(
            Objects.requireNonNull(
                    control.call(Ecs.DESCRIBE_CONTAINER_INSTANCES, instances).containerInstances())
                .getFirst()
                .tags())
        .isEmpty();
    assertThat(
            Objects.requireNonNull(
                    control
                        .call(
                            Ecs.DESCRIBE_CONTAINER_INSTANCES,
                            instances.toBuilder().include(List.of("TAGS")).build())
                        .containerInstances())
                .getFirst()
                .tags())
        .containsExactly(pair("team", "b"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          cluster/nowhere; ClusterNotFoundException: Cluster not found.
          task-definition/app:2; ClientException: Unable to describe task definition.
          task-definition/app; ClientException: Unable to describe task definition.
          task/default/0123; InvalidParameterException: The specified task does not exist.
          task/0123; InvalidParameterException: Long arn format must be used for tagging operations
          container-instance/default/0123; InvalidParameterException: The specified container instance does not exist.
          container-instance/0123; InvalidParameterException: Long arn format must be used for tagging operations
          service/default/web; InvalidParameterException: The specified service does not exist.
          service/web; InvalidParameterException: Long arn format must be used for tagging operations
          capacity-provider/mine; InvalidParameterException: The specified capacity provider does not exist.
          daemon/mine; InvalidParameterException: The specified resource does not exist: arn:aws:ecs:us-east-1:000000000000:daemon/mine
          """)
  void whatDoesNotExistHasNoTags(String resource, String error) {
    assertThat(refusals(HERE + resource)).containsOnly(error);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          default; The ARN provided is not valid: default
          arn:aws:ecr:us-east-1:000000000000:repository/x; The ARN provided is not valid: arn:aws:ecr:us-east-1:000000000000:repository/x
          arn:aws:ecs:eu-west-1:000000000000:cluster/default; Invalid Region in ARN
          arn:aws:ecs:us-east-1:111111111111:cluster/default; Identifier is for 111111111111. Your accountId is 000000000000
          arn:aws:ecs:us-east-1:111111111111:task/default/0123; Identifier is for 111111111111. Your accountId is 000000000000
          """)
  void foreignArnsAreRefused(String arn, String text) {
    assertThat(refusals(arn)).containsOnly("InvalidParameterException: " + text);
  }

  @Test
  void whatIsOverHasNoTags() {
    control.call(
        Ecs.DEREGISTER_CONTAINER_INSTANCE,
        DeregisterContainerInstanceRequest.builder()
            .containerInstance(agent.arn())
            .force(true)
            .build());
    assertThat(refusals(agent.arn()))
        .containsOnly(
            "InvalidParameterException: The specified container instance is inactive. Specify an"
                + " active container instance and try again.");
    assertThat(refusals(task))
        .containsOnly(
            "InvalidParameterException: The specified task is stopped. Specify a running task and"
                + " try again.");
    control.call(Ecs.DELETE_CLUSTER, DeleteClusterRequest.builder().cluster("default").build());
    assertThat(refusals(CLUSTER))
        .containsOnly(
            "InvalidParameterException: The specified cluster is inactive. Specify an active cluster"
                + " and try again.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      nullValues = "null",
      textBlock =
          """
          null; a; Tag key can not be null.
          a; null; Tag value can not be null.
          aws:a; b; Tag keys that begin with aws: are reserved: aws:a
          AWS:a; b; Tag keys that begin with aws: are reserved: AWS:a
          a; Aws:b; Tag values that begin with aws: are reserved: Aws:b
          """)
  void badTagsAreRefusedWhole(@Nullable String key, @Nullable String value, String text) {
    ServiceException refusal =
        control.refusal(
            Ecs.TAG_RESOURCE,
            TagResourceRequest.builder()
                .resourceArn(CLUSTER)
                .tags(List.of(pair("good", "one"), Tag.builder().key(key).value(value).build()))
                .build());
    assertThat(refusal.code()).isEqualTo("InvalidParameterException");
    assertThat(refusal.text()).isEqualTo(text);
    assertThat(tags(CLUSTER)).isEmpty();
    assertThat(
            control
                .refusal(
                    Ecs.CREATE_CLUSTER,
                    CreateClusterRequest.builder()
                        .clusterName("other")
                        .tags(List.of(Tag.builder().key(key).value(value).build()))
                        .build())
                .text())
        .isEqualTo(text);
  }

  /// What the model says of lengths and characters; the words are those of every such refusal.
  @Test
  void lengthsAndCharactersAreChecked() {
    tag(CLUSTER, pair("k".repeat(128), "v".repeat(256)), pair("é ü_.:/=+-@1", "ß"));
    for (Tag bad :
        List.of(
            pair("k".repeat(129), "v"),
            pair("k", "v".repeat(257)),
            pair("", "v"),
            pair("a#b", "v"),
            pair("k", "a,b"))) {
      assertThat(
              control
                  .refusal(
                      Ecs.TAG_RESOURCE,
                      TagResourceRequest.builder().resourceArn(CLUSTER).tags(List.of(bad)).build())
                  .code())
          .isEqualTo("InvalidParameterException");
    }
  }

  @Test
  void oneKeyComesOnce() {
    assertThat(
            control
                .refusal(
                    Ecs.TAG_RESOURCE,
                    TagResourceRequest.builder()
                        .resourceArn(CLUSTER)
                        .tags(List.of(pair("a", "1"), pair("a", "2")))
                        .build())
                .text())
        .isEqualTo("Multiple tags contain the same key.");
  }

  @Test
  void amazonsOwnKeysAreNotRemoved() {
    assertThat(
            control
                .refusal(
                    Ecs.UNTAG_RESOURCE,
                    UntagResourceRequest.builder()
                        .resourceArn(CLUSTER)
                        .tagKeys(List.of("aws:ecs:clusterName"))
                        .build())
                .code())
        .isEqualTo("InvalidParameterException");
  }

  @Test
  void fiftyTagsAndNotOneMore() {
    Tag[] fifty = IntStream.range(0, 50).mapToObj(i -> pair("k" + i, "v")).toArray(Tag[]::new);
    tag(CLUSTER, fifty);
    // Another value of a key that is there is no further tag.
    tag(CLUSTER, pair("k0", "w"));
    ServiceException refusal =
        control.refusal(
            Ecs.TAG_RESOURCE,
            TagResourceRequest.builder()
                .resourceArn(CLUSTER)
                .tags(List.of(pair("k50", "v")))
                .build());
    assertThat(refusal.code()).isEqualTo("LimitExceededException");
    assertThat(refusal.text()).isEqualTo("The maximum number of tags per resource is 50.");
    untag(CLUSTER, "k1");
    tag(CLUSTER, pair("k50", "v"));
    assertThat(tags(CLUSTER)).hasSize(50);
  }

  @Test
  void taggingLikeBeforeWritesNothing() {
    tag(CLUSTER, pair("a", "b"));
    long revision = control.state().revision();
    tag(CLUSTER, pair("a", "b"));
    untag(CLUSTER, "c");
    assertThat(control.state().revision()).isEqualTo(revision);
  }

  @Test
  void theSameNameElsewhereIsAnotherResource() {
    tag(CLUSTER, pair("a", "b"));
    control.as(new Scope("111111111111", "us-east-1"));
    control.call(Ecs.CREATE_CLUSTER, CreateClusterRequest.builder().build());
    assertThat(tags("arn:aws:ecs:us-east-1:111111111111:cluster/default")).isEmpty();
  }

  private List<String> refusals(String arn) {
    List<ServiceException> all = new ArrayList<>();
    all.add(
        control.refusal(
            Ecs.TAG_RESOURCE,
            TagResourceRequest.builder().resourceArn(arn).tags(List.of(pair("a", "b"))).build()));
    all.add(
        control.refusal(
            Ecs.UNTAG_RESOURCE,
            UntagResourceRequest.builder().resourceArn(arn).tagKeys(List.of("a")).build()));
    all.add(
        control.refusal(
            Ecs.LIST_TAGS_FOR_RESOURCE,
            ListTagsForResourceRequest.builder().resourceArn(arn).build()));
    return all.stream().map(refusal -> refusal.code() + ": " + refusal.text()).toList();
  }

  private void tag(String arn, Tag... tags) {
    control.call(
        Ecs.TAG_RESOURCE,
        TagResourceRequest.builder().resourceArn(arn).tags(List.of(tags)).build());
  }

  private void untag(String arn, String... keys) {
    control.call(
        Ecs.UNTAG_RESOURCE,
        UntagResourceRequest.builder().resourceArn(arn).tagKeys(List.of(keys)).build());
  }

  private List<Tag> tags(String arn) {
    return Objects.requireNonNull(
        control
            .call(
                Ecs.LIST_TAGS_FOR_RESOURCE,
                ListTagsForResourceRequest.builder().resourceArn(arn).build())
            .tags());
  }

  private static Tag pair(String key, String value) {
    return Tag.builder().key(key).value(value).build();
  }
}
