package dev.gantry.control.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.logs.DeleteResourcePolicyRequest;
import dev.gantry.api.logs.DescribeResourcePoliciesRequest;
import dev.gantry.api.logs.Logs;
import dev.gantry.api.logs.PolicyScope;
import dev.gantry.api.logs.PutResourcePolicyRequest;
import dev.gantry.api.logs.PutResourcePolicyResponse;
import dev.gantry.api.logs.ResourcePolicy;
import dev.gantry.control.ControlHarness;
import dev.gantry.model.Scope;
import dev.gantry.wire.shape.Operation;
import dev.gantry.wire.shape.ServiceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogResourcePolicyOperationsTest {
  private static final String DOCUMENT = "{\"Version\": \"2012-10-17\", \"Statement\": []}";
  private static final String ARN = "arn:aws:logs:us-east-1:000000000000:log-group:/app";

  private final ControlHarness harness = new ControlHarness(LogOperations::register);
  private final LogsClient logs = new LogsClient(harness);

  @Test
  void aPolicyOfTheAccountIsKeptAndShown() {
    var given = put(policy -> policy.policyName("route53"));

    ResourcePolicy shown =
        ResourcePolicy.builder()
            .policyName("route53")
            .policyDocument(DOCUMENT)
            .lastUpdatedTime(harness.now().toEpochMilli())
            .policyScope(PolicyScope.ACCOUNT)
            .build();
    assertThat(given).isEqualTo(new PutResourcePolicyResponse(shown, null));
    assertThat(all(request -> request)).containsExactly(shown);
  }

  @Test
  void aPolicyOfThatNameIsReplaced() {
    put(policy -> policy.policyName("a"));
    harness.pass(Duration.ofMinutes(1));

    put(policy -> policy.policyName("a").policyDocument("{\"Statement\":[]}"));

    assertThat(all(request -> request))
        .containsExactly(
            ResourcePolicy.builder()
                .policyName("a")
                .policyDocument("{\"Statement\":[]}")
                .lastUpdatedTime(harness.now().toEpochMilli())
                .policyScope(PolicyScope.ACCOUNT)
                .build());
  }

  @Test
  void anAccountHasTenInARegion() {
    for (int i = 0; i < 10; i++) {
      String name = "policy-" + i;
      put(policy -> policy.policyName(name));
    }

    assertThat(refusal(Logs.PUT_RESOURCE_POLICY, of(policy -> policy.policyName("one-more"))))
        .isEqualTo("LimitExceededException: Resource limit exceeded.");
    put(policy -> policy.policyName("policy-3"));
    logs.createGroup("/app");
    put(policy -> policy.resourceArn(ARN));
    harness.as(new Scope("000000000000", "eu-west-1"));
    put(policy -> policy.policyName("elsewhere"));
    assertThat(all(request -> request)).hasSize(1);
  }

  @Test
  void aPolicyOfAGroupIsChangedByWhoKnowsItsRevision() {
    logs.createGroup("/app");
    String first = Objects.requireNonNull(put(policy -> policy.resourceArn(ARN)).revisionId());

    assertThat(refusal(Logs.PUT_RESOURCE_POLICY, of(policy -> policy.resourceArn(ARN))))
        .startsWith("OperationAbortedException");
    var second =
        put(policy -> policy.resourceArn(ARN).policyName("mine").expectedRevisionId(first));

    assertThat(second.revisionId()).isNotEqualTo(first);
    assertThat(second.resourcePolicy())
        .isEqualTo(
            ResourcePolicy.builder()
                .policyName("mine")
                .policyDocument(DOCUMENT)
                .lastUpdatedTime(harness.now().toEpochMilli())
                .policyScope(PolicyScope.RESOURCE)
                .resourceArn(ARN)
                .revisionId(second.revisionId())
                .build());
    assertThat(refusal(Logs.DELETE_RESOURCE_POLICY, ofGroup(first)))
        .startsWith("OperationAbortedException");
    harness.call(Logs.DELETE_RESOURCE_POLICY, ofGroup(Objects.requireNonNull(second.revisionId())));
    assertThat(all(request -> request.resourceArn(ARN))).isEmpty();
  }

  @Test
  void aPolicyGoesWithItsGroup() {
    logs.createGroup("/app");
    put(policy -> policy.resourceArn(ARN));

    logs.deleteGroup("/app");
    logs.createGroup("/app");

    assertThat(all(request -> request.resourceArn(ARN))).isEmpty();
    assertThat(harness.state().size()).isEqualTo(1);
  }

  @Test
  void policiesAreListedByScopeAndPageByPage() {
    for (String name : List.of("b", "a", "c")) {
      put(policy -> policy.policyName(name));
      logs.createGroup("/" + name);
      put(policy -> policy.resourceArn(ARN.replace("app", name)));
    }

    assertThat(pages(request -> request.limit(2))).isEqualTo("a b | c");
    assertThat(pages(request -> request.policyScope(PolicyScope.ACCOUNT))).isEqualTo("a b c");
    assertThat(pages(request -> request.policyScope(PolicyScope.RESOURCE).limit(2)))
        .isEqualTo("/a /b | /c");
    assertThat(pages(request -> request.resourceArn(ARN.replace("app", "b")))).isEqualTo("/b");
    assertThat(pages(request -> request.resourceArn(ARN))).isEmpty();
  }

  @Test
  void whatIsNotThereIsNotDeleted() {
    assertThat(
            refusal(
                Logs.DELETE_RESOURCE_POLICY,
                DeleteResourcePolicyRequest.builder().policyName("non-existent").build()))
        .isEqualTo("ResourceNotFoundException: Policy with name [non-existent] does not exist.");
    assertThat(refusal(Logs.DELETE_RESOURCE_POLICY, ofGroup("x")))
        .isEqualTo("ResourceNotFoundException: The specified log group does not exist.");
    put(policy -> policy.policyName("a"));
    harness.call(
        Logs.DELETE_RESOURCE_POLICY, DeleteResourcePolicyRequest.builder().policyName("a").build());
    assertThat(all(request -> request)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "{", "{} {}", "\"x\"", "statement"})
  void aDocumentIsAJsonObject(String document) {
    assertThat(
            refusal(
                Logs.PUT_RESOURCE_POLICY,
                of(policy -> policy.policyName("a").policyDocument(document))))
        .startsWith("InvalidParameterException");
  }

  @Test
  void aPolicyHasANameOrAGroup() {
    assertThat(refusal(Logs.PUT_RESOURCE_POLICY, of(policy -> policy)))
        .startsWith("InvalidParameterException");
    assertThat(refusal(Logs.PUT_RESOURCE_POLICY, of(policy -> policy.resourceArn(ARN))))
        .startsWith("ResourceNotFoundException");
  }

  private PutResourcePolicyResponse put(UnaryOperator<PutResourcePolicyRequest.Builder> policy) {
    return harness.call(Logs.PUT_RESOURCE_POLICY, of(policy));
  }

  private static PutResourcePolicyRequest of(
      UnaryOperator<PutResourcePolicyRequest.Builder> policy) {
    return policy.apply(PutResourcePolicyRequest.builder().policyDocument(DOCUMENT)).build();
  }

  private static DeleteResourcePolicyRequest ofGroup(String revision) {
    return DeleteResourcePolicyRequest.builder()
        .resourceArn(ARN)
        .expectedRevisionId(revision)
        .build();
  }

  private List<ResourcePolicy> all(UnaryOperator<DescribeResourcePoliciesRequest.Builder> request) {
    return Objects.requireNonNull(
        harness
            .call(
                Logs.DESCRIBE_RESOURCE_POLICIES,
                request.apply(DescribeResourcePoliciesRequest.builder()).build())
            .resourcePolicies());
  }

  /// What pages hold, by the policies' names or groups.
  private String pages(UnaryOperator<DescribeResourcePoliciesRequest.Builder> request) {
    List<String> pages = new ArrayList<>();
    String token = null;
    do {
      var page =
          harness.call(
              Logs.DESCRIBE_RESOURCE_POLICIES,
              request.apply(DescribeResourcePoliciesRequest.builder()).nextToken(token).build());
      List<String> names = new ArrayList<>();
      for (ResourcePolicy policy : Objects.requireNonNull(page.resourcePolicies())) {
        String arn = policy.resourceArn();
        names.add(
            arn == null
                ? Objects.requireNonNull(policy.policyName())
                : arn.substring(arn.lastIndexOf(':') + 1));
      }
      pages.add(String.join(" ", names));
      token = page.nextToken();
    } while (token != null && pages.size() < 10);
    return String.join(" | ", pages);
  }

  private <I> String refusal(Operation<I, ?> operation, I input) {
    ServiceException refused = harness.refusal(operation, input);
    return refused.code() + ": " + refused.text();
  }
}
