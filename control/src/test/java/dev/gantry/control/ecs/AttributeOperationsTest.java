package dev.gantry.control.ecs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.ecs.Attribute;
import dev.gantry.api.ecs.CreateClusterRequest;
import dev.gantry.api.ecs.DeleteAttributesRequest;
import dev.gantry.api.ecs.DeregisterContainerInstanceRequest;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.ListAttributesRequest;
import dev.gantry.api.ecs.ListAttributesResponse;
import dev.gantry.api.ecs.PutAttributesRequest;
import dev.gantry.control.ControlHarness;
import dev.gantry.control.FakeAgent;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The hosts of these tests have the built-in attributes `ecs.availability-zone` and
/// `com.amazonaws.ecs.capability.logging-driver.awslogs`, and the custom one `rack` with value 7.
class AttributeOperationsTest {
  private static final String LOGGING = "com.amazonaws.ecs.capability.logging-driver.awslogs";
  private static final String ZONE = "ecs.availability-zone";

  private final ControlHarness control = EcsHarness.withDefaultCluster();
  private final FakeAgent agent = FakeAgent.register(control, "default");

  @Test
  void attributesArePutReplacedAndDeleted() {
    assertThat(put(of("stack", "prod", agent.arn()), of("fast", null, agent.arn())))
        .containsExactly(of("stack", "prod", agent.arn()), of("fast", null, agent.arn()));
    put(of("stack", "test", agent.arn()));
    List<Attribute> all = new ArrayList<>();
    FakeAgent.CAPABILITIES.forEach(capability -> all.add(of(capability, null, agent.arn())));
    all.add(of(ZONE, "us-east-1a", agent.arn()));
    all.add(of("fast", null, agent.arn()));
    all.add(of("rack", "7", agent.arn()));
    all.add(of("stack", "test", agent.arn()));
    all.sort(Comparator.comparing(Attribute::name));
    assertThat(list(request())).isEqualTo(all);
    assertThat(delete(of("stack", null, agent.arn()), of("never", null, agent.arn())))
        .containsExactly(of("stack", "test", agent.arn()));
    assertThat(list(request().attributeName("stack"))).isEmpty();
    assertThat(list(request().attributeName("rack"))).hasSize(1);
  }

  /// A short id needs the type of what it is an id of.
  @Test
  void targetsAreNamedByIdOrArn() {
    String id = agent.arn().substring(agent.arn().lastIndexOf('/') + 1);
    Attribute shortly =
        Attribute.builder().name("a").targetId(id).targetType("container-instance").build();
    assertThat(put(shortly)).containsExactly(of("a", null, agent.arn()));
    assertThat(refusal(shortly.toBuilder().targetType(null).build()))
        .isEqualTo(
            "InvalidParameterException: targetType is required if targetId is not a full ARN.");
    assertThat(refusal(shortly.toBuilder().targetId(null).build()))
        .isEqualTo("InvalidParameterException: targetId cannot be empty.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "A-b_c.d/e\\f", "ecsish", "0"})
  void goodNames(String name) {
    assertThat(InstanceAttributes.isName(name)).isTrue();
    assertThat(InstanceAttributes.isBuiltIn(name)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a:b", "a@b", "é", "a,b"})
  void badNames(String name) {
    assertThat(InstanceAttributes.isName(name)).isFalse();
    assertThat(refusal(of(name, null, agent.arn())))
        .startsWith("InvalidParameterException: The attribute name must contain between 1 and 128");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "a b", "a:b@c/d\\e.f-g_h", "0"})
  void goodValues(String value) {
    assertThat(InstanceAttributes.isValue(value)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " a", "a ", " ", "é", "a,b", "a=b"})
  void badValues(String value) {
    assertThat(InstanceAttributes.isValue(value)).isFalse();
    assertThat(refusal(of("a", value, agent.arn())))
        .startsWith(
            "InvalidParameterException: The attribute value must contain between 1 and 128");
  }

  @Test
  void namesAndValuesHaveALength() {
    assertThat(InstanceAttributes.isName("a".repeat(128))).isTrue();
    assertThat(InstanceAttributes.isName("a".repeat(129))).isFalse();
    assertThat(InstanceAttributes.isValue("a".repeat(128))).isTrue();
    assertThat(InstanceAttributes.isValue("a".repeat(129))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {ZONE, LOGGING, "ecs.new", "com.amazonaws.ecs.x"})
  void builtInAttributesBelongToTheAgent(String name) {
    String text =
        "InvalidParameterException: The attribute "
            + name
            + " is a built-in attribute and cannot be changed.";
    assertThat(refusal(of(name, "x", agent.arn()))).isEqualTo(text);
    ServiceException deleting =
        control.refusal(
            Ecs.DELETE_ATTRIBUTES,
            DeleteAttributesRequest.builder()
                .attributes(List.of(of(name, null, agent.arn())))
                .build());
    assertThat(deleting.code() + ": " + deleting.text()).isEqualTo(text);
  }

  @Test
  void oneCallNamesTenAttributes() {
    Attribute[] eleven =
        IntStream.range(0, 11)
            .mapToObj(i -> of("a" + i, null, agent.arn()))
            .toArray(Attribute[]::new);
    assertThat(refusal(eleven))
        .isEqualTo("InvalidParameterException: attributes can have at most 10 items.");
    assertThat(refusal()).isEqualTo("InvalidParameterException: attributes cannot be empty.");
  }

  /// Built-in attributes do not count, `rack` does. What is refused changes nothing.
  @Test
  void aHostHasTenCustomAttributes() {
    put(
        IntStream.range(0, 9)
            .mapToObj(i -> of("a" + i, null, agent.arn()))
            .toArray(Attribute[]::new));
    assertThat(refusal(of("a0", "new", agent.arn()), of("b", null, agent.arn())))
        .isEqualTo(
            "AttributeLimitExceededException: You can apply up to 10 custom attributes for each"
                + " resource.");
    assertThat(list(request().attributeName("a0"))).containsExactly(of("a0", null, agent.arn()));
    put(of("a0", "new", agent.arn()));
    delete(of("a1", null, agent.arn()));
    put(of("b", null, agent.arn()));
  }

  @Test
  void targetsMustBeMembersOfTheCluster() {
    control.call(Ecs.CREATE_CLUSTER, CreateClusterRequest.builder().clusterName("other").build());
    String elsewhere = FakeAgent.register(control, "other").arn();
    assertThat(refusal(of("a", null, elsewhere)))
        .isEqualTo(
            "InvalidParameterException: Invalid identifier: Identifier is for cluster other. Your"
                + " cluster is default");
    String nobody = agent.arn().substring(0, agent.arn().lastIndexOf('/')) + "/0123";
    assertThat(refusal(of("a", null, nobody))).startsWith("TargetNotFoundException: ");
    control.call(
        Ecs.DEREGISTER_CONTAINER_INSTANCE,
        DeregisterContainerInstanceRequest.builder().containerInstance(agent.arn()).build());
    assertThat(refusal(of("a", null, agent.arn()))).startsWith("TargetNotFoundException: ");
    assertThat(list(request())).isEmpty();
  }

  @Test
  void aCallThatChangesNothingWritesNothing() {
    long revision = control.state().revision();
    put(of("rack", "7", agent.arn()));
    delete(of("never", null, agent.arn()));
    assertThat(control.state().revision()).isEqualTo(revision);
    put(of("a", "1", agent.arn()), of("b", "2", agent.arn()));
    assertThat(control.state().revision()).isEqualTo(revision + 1);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      textBlock =
          """
          rack, null, 2
          rack, 7, 2
          rack, 8, 0
          nothing, null, 0
          ecs.availability-zone, us-east-1a, 2
          """)
  void listsAreFilteredByNameAndValue(String name, @Nullable String value, int hits) {
    FakeAgent.register(control, "default");
    assertThat(list(request().attributeName(name).attributeValue(value))).hasSize(hits);
  }

  @Test
  void pagesCoverEverythingOnce() {
    for (int i = 0; i < 40; i++) {
      FakeAgent.register(control, "default");
    }
    List<Attribute> whole = new ArrayList<>();
    for (int size : List.of(1, 7, 100)) {
      List<Attribute> seen = new ArrayList<>();
      String token = null;
      do {
        ListAttributesResponse page =
            control.call(Ecs.LIST_ATTRIBUTES, request().maxResults(size).nextToken(token).build());
        assertThat(page.attributes()).hasSizeLessThanOrEqualTo(size);
        seen.addAll(Objects.requireNonNull(page.attributes()));
        token = page.nextToken();
      } while (token != null);
      assertThat(seen).hasSize(41 * (FakeAgent.CAPABILITIES.size() + 2)).doesNotHaveDuplicates();
      whole = seen;
    }
    assertThat(list(request().maxResults(100))).isEqualTo(whole.subList(0, 100));
    for (ListAttributesRequest.Builder bad :
        List.of(
            request().maxResults(0),
            request().maxResults(101),
            request().nextToken("x"),
            request().nextToken("MTp4"),
            request().attributeValue("7"))) {
      assertThat(control.refusal(Ecs.LIST_ATTRIBUTES, bad.build()).code())
          .isEqualTo("InvalidParameterException");
    }
  }

  private static ListAttributesRequest.Builder request() {
    return ListAttributesRequest.builder().targetType("container-instance");
  }

  private List<Attribute> list(ListAttributesRequest.Builder request) {
    return Objects.requireNonNull(control.call(Ecs.LIST_ATTRIBUTES, request.build()).attributes());
  }

  private List<Attribute> put(Attribute... attributes) {
    return Objects.requireNonNull(
        control
            .call(
                Ecs.PUT_ATTRIBUTES,
                PutAttributesRequest.builder().attributes(List.of(attributes)).build())
            .attributes());
  }

  private List<Attribute> delete(Attribute... attributes) {
    return Objects.requireNonNull(
        control
            .call(
                Ecs.DELETE_ATTRIBUTES,
                DeleteAttributesRequest.builder().attributes(List.of(attributes)).build())
            .attributes());
  }

  private String refusal(Attribute... attributes) {
    ServiceException refusal =
        control.refusal(
            Ecs.PUT_ATTRIBUTES,
            PutAttributesRequest.builder().attributes(List.of(attributes)).build());
    return refusal.code() + ": " + refusal.text();
  }

  private static Attribute of(String name, @Nullable String value, String target) {
    return Attribute.builder().name(name).value(value).targetId(target).build();
  }
}
