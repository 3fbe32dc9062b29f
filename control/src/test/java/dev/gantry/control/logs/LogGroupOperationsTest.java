package dev.gantry.control.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.api.logs.AssociateKmsKeyRequest;
import dev.gantry.api.logs.CreateLogGroupRequest;
import dev.gantry.api.logs.CreateLogStreamRequest;
import dev.gantry.api.logs.DeleteLogGroupRequest;
import dev.gantry.api.logs.DeleteRetentionPolicyRequest;
import dev.gantry.api.logs.DescribeLogGroupsRequest;
import dev.gantry.api.logs.DisassociateKmsKeyRequest;
import dev.gantry.api.logs.ListLogGroupsRequest;
import dev.gantry.api.logs.ListTagsForResourceRequest;
import dev.gantry.api.logs.ListTagsLogGroupRequest;
import dev.gantry.api.logs.LogGroup;
import dev.gantry.api.logs.LogGroupSummary;
import dev.gantry.api.logs.Logs;
import dev.gantry.api.logs.PutLogGroupDeletionProtectionRequest;
import dev.gantry.api.logs.PutRetentionPolicyRequest;
import dev.gantry.api.logs.TagFilter;
import dev.gantry.api.logs.TagLogGroupRequest;
import dev.gantry.api.logs.TagResourceRequest;
import dev.gantry.api.logs.UntagLogGroupRequest;
import dev.gantry.api.logs.UntagResourceRequest;
import dev.gantry.control.ControlHarness;
import dev.gantry.model.Scope;
import dev.gantry.wire.shape.Operation;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

class LogGroupOperationsTest {
  private static final String ARN = "arn:aws:logs:us-east-1:000000000000:log-group:/app";

  private final ControlHarness harness = new ControlHarness(LogOperations::register);
  private final LogsClient logs = new LogsClient(harness);

  @Test
  void aGroupIsShownAsItIs() {
    logs.createGroup("/app");
    logs.createStream("/app", "web");
    logs.put("/app", "web", "four", "four");

    assertThat(describe("/app"))
        .isEqualTo(
            LogGroup.builder()
                .logGroupName("/app")
                .creationTime(harness.now().toEpochMilli())
                .metricFilterCount(0)
                .arn(ARN + ":*")
                .logGroupArn(ARN)
                .storedBytes(2 * (4L + 26))
                .logGroupClass("STANDARD")
                .deletionProtectionEnabled(false)
                .bearerTokenAuthenticationEnabled(false)
                .build());
  }

  @Test
  void aGroupOfThatNameIsMadeOnce() {
    logs.createGroup("/app");

    ServiceException refused = harness.refusal(Logs.CREATE_LOG_GROUP, group("/app").build());

    assertThat(refused.code()).isEqualTo("ResourceAlreadyExistsException");
    assertThat(refused.text()).isEqualTo("The specified log group already exists");
  }

  @Test
  void theSecondOfTwoCallsSeesTheFirstThoughNeitherIsDurable() {
    var first = harness.ask(Logs.CREATE_LOG_GROUP, group("/app").build());
    var second = harness.ask(Logs.CREATE_LOG_GROUP, group("/app").build());

    harness.settle();

    assertThat(first.output()).isNotNull();
    assertThat(second.error().code()).isEqualTo("ResourceAlreadyExistsException");
  }

  @Test
  void eachAccountAndRegionHasItsOwn() {
    logs.createGroup("/app");
    harness.as(new Scope("000000000000", "eu-west-1"));
    logs.createGroup("/app");

    assertThat(logs.groupPages(request -> request)).isEqualTo("/app");
    assertThat(refusal(Logs.LIST_TAGS_FOR_RESOURCE, new ListTagsForResourceRequest(ARN)))
        .isEqualTo("ResourceNotFoundException: The specified log group does not exist.");
  }

  static final List<Arguments> UNFIT_GROUPS =
      List.of(
          Arguments.of("Amazon's own name", group("aws/app").build(), "can't start with"),
          Arguments.of("a name with a blank", group("my app").build(), "regular expression"),
          Arguments.of(
              "an endless name", group("a".repeat(513)).build(), "less than or equal to 512"),
          Arguments.of("a key", group("/app").kmsKeyId("alias/k").build(), "kmsKeyId"),
          Arguments.of(
              "a class of groups that is not here",
              group("/app").logGroupClass("INFREQUENT_ACCESS").build(),
              "logGroupClass INFREQUENT_ACCESS"),
          Arguments.of(
              "a reserved tag", group("/app").tags(Map.of("AWS:x", "y")).build(), "reserved"));

  @ParameterizedTest(name = "{0}")
  @FieldSource("UNFIT_GROUPS")
  void refuses(String name, CreateLogGroupRequest request, String text) {
    ServiceException refused = harness.refusal(Logs.CREATE_LOG_GROUP, request);

    assertThat(refused.code()).isEqualTo("InvalidParameterException");
    assertThat(refused.text()).contains(text);
  }

  @Test
  void whatAsksForNothingSpecialIsTaken() {
    harness.call(
        Logs.CREATE_LOG_GROUP,
        group("/app").logGroupClass("STANDARD").deletionProtectionEnabled(false).build());

    assertThat(logs.groupPages(request -> request)).isEqualTo("/app");
  }

  @Test
  void groupsArePagedInTheOrderOfTheirNames() {
    for (String name : List.of("/b/2", "/a", "/b/1", "/c", "/b/3")) {
      logs.createGroup(name);
    }

    assertThat(logs.groupPages(request -> request)).isEqualTo("/a /b/1 /b/2 /b/3 /c");
    assertThat(logs.groupPages(request -> request.limit(2))).isEqualTo("/a /b/1 | /b/2 /b/3 | /c");
    assertThat(logs.groupPages(request -> request.logGroupNamePrefix("/b/").limit(2)))
        .isEqualTo("/b/1 /b/2 | /b/3");
    assertThat(logs.groupPages(request -> request.logGroupNamePrefix("/b/1"))).isEqualTo("/b/1");
    assertThat(logs.groupPages(request -> request.logGroupNamePrefix("/x"))).isEmpty();
    assertThat(logs.groupPages(request -> request.logGroupNamePattern("/1"))).isEqualTo("/b/1");
    assertThat(logs.groupPages(request -> request.logGroupNamePattern("B"))).isEmpty();
    assertThat(logs.groupPages(request -> request.logGroupClass("DELIVERY"))).isEmpty();
    assertThat(
            logs.groupPages(request ->
                request.logGroupIdentifiers(
                    List.of("/c", "/none", ARN.replace("/app", "/a"), "/c"))))
        .isEqualTo("/c /a");
  }

  @Test
  void aPageHoldsFiftyUnlessItIsAskedForLess() {
    for (int i = 0; i < 51; i++) {
      logs.createGroup("/" + i);
    }

    assertThat(logs.groupPages(request -> request).split(" \\| ", -1)[0].split(" ", -1))
        .hasSize(50);
  }

  @Test
  void aPatternShowsOnlyWhatNamesTheGroup() {
    logs.createGroup("/app");

    var page =
        harness.call(
            Logs.DESCRIBE_LOG_GROUPS,
            DescribeLogGroupsRequest.builder().logGroupNamePattern("pp").build());

    assertThat(page.logGroups())
        .containsExactly(
            LogGroup.builder()
                .logGroupName("/app")
                .arn(ARN + ":*")
                .logGroupArn(ARN)
                .logGroupClass("STANDARD")
                .metricFilterCount(0)
                .creationTime(harness.now().toEpochMilli())
                .build());
  }

  @Test
  void prefixPatternAndIdentifiersDoNotGoTogether() {
    assertThat(
            refusal(
                Logs.DESCRIBE_LOG_GROUPS,
                DescribeLogGroupsRequest.builder()
                    .logGroupNamePrefix("a")
                    .logGroupNamePattern("a")
                    .build()))
        .isEqualTo(
            "InvalidParameterException: LogGroup name prefix and LogGroup name pattern are mutually"
                + " exclusive parameters.");
    assertThat(
            refusal(
                Logs.DESCRIBE_LOG_GROUPS,
                DescribeLogGroupsRequest.builder()
                    .logGroupNamePrefix("a")
                    .logGroupIdentifiers(List.of("a"))
                    .build()))
        .startsWith("InvalidParameterException");
  }

  @Test
  void aProtectedGroupIsNotDeleted() {
    harness.call(Logs.CREATE_LOG_GROUP, group("/app").deletionProtectionEnabled(true).build());
    assertThat(describe("/app").deletionProtectionEnabled()).isTrue();

    assertThat(refusal(Logs.DELETE_LOG_GROUP, new DeleteLogGroupRequest("/app")))
        .isEqualTo(
            "ValidationException: Cannot delete log group with deletion protection enabled. Disable"
                + " deletion protection first.");
    harness.call(Logs.PUT_RETENTION_POLICY, new PutRetentionPolicyRequest("/app", 14));
    harness.call(Logs.TAG_RESOURCE, new TagResourceRequest(ARN, ordered("a", "b")));
    assertThat(describe("/app").deletionProtectionEnabled()).isTrue();

    protect("/app", false);
    assertThat(describe("/app").deletionProtectionEnabled()).isFalse();
    protect(ARN, true);
    assertThat(describe("/app").deletionProtectionEnabled()).isTrue();
    protect(ARN, false);
    logs.deleteGroup("/app");
    assertThat(
            refusal(
                Logs.PUT_LOG_GROUP_DELETION_PROTECTION,
                new PutLogGroupDeletionProtectionRequest("/app", true)))
        .isEqualTo("ResourceNotFoundException: The specified log group does not exist.");
  }

  @Test
  void groupsAreListedByPatternAndTags() {
    for (String name : List.of("/aws/ecs/a", "/aws/ecs/b", "/my/aws/c", "/other")) {
      logs.createGroup(name);
    }
    harness.call(
        Logs.TAG_LOG_GROUP, new TagLogGroupRequest("/aws/ecs/b", ordered("team", "x", "on", "1")));
    harness.call(Logs.TAG_LOG_GROUP, new TagLogGroupRequest("/other", ordered("team", "y")));

    assertThat(listed(request -> request)).isEqualTo("/aws/ecs/a /aws/ecs/b /my/aws/c /other");
    assertThat(listed(request -> request.limit(3)))
        .isEqualTo("/aws/ecs/a /aws/ecs/b /my/aws/c | /other");
    assertThat(listed(request -> request.logGroupNamePattern("/aws/")))
        .isEqualTo("/aws/ecs/a /aws/ecs/b /my/aws/c");
    assertThat(listed(request -> request.logGroupNamePattern("^/aws/|other")))
        .isEqualTo("/aws/ecs/a /aws/ecs/b /other");
    assertThat(listed(request -> request.logGroupNamePattern("ecs.a"))).isEmpty();
    assertThat(listed(request -> request.logGroupClass("DELIVERY"))).isEmpty();
    assertThat(listed(request -> request.fieldIndexNames(List.of("level")))).isEmpty();
    assertThat(listed(request -> request.logGroupTags(List.of(new TagFilter("team", null)))))
        .isEqualTo("/aws/ecs/b /other");
    assertThat(
            listed(request -> request.logGroupTags(List.of(new TagFilter("team", List.of("y"))))))
        .isEqualTo("/other");
    assertThat(
            listed(request ->
                request.logGroupTags(
                    List.of(new TagFilter("team", null), new TagFilter("on", List.of())))))
        .isEqualTo("/aws/ecs/b");
    assertThat(
            harness
                .call(Logs.LIST_LOG_GROUPS, ListLogGroupsRequest.builder().limit(1).build())
                .logGroups())
        .containsExactly(
            new LogGroupSummary(
                "/aws/ecs/a",
                "arn:aws:logs:us-east-1:000000000000:log-group:/aws/ecs/a",
                "STANDARD"));
  }

  @Test
  void thereAreNoKeys() {
    logs.createGroup("/app");

    assertThat(
            refusal(
                Logs.ASSOCIATE_KMS_KEY,
                AssociateKmsKeyRequest.builder().logGroupName("/app").kmsKeyId("arn:k").build()))
        .startsWith("InvalidParameterException: The specified KMS key does not exist");
    harness.call(Logs.DISASSOCIATE_KMS_KEY, new DisassociateKmsKeyRequest("/app", null));
    harness.call(Logs.DISASSOCIATE_KMS_KEY, new DisassociateKmsKeyRequest(null, ARN));
    harness.call(
        Logs.DISASSOCIATE_KMS_KEY,
        new DisassociateKmsKeyRequest(null, "arn:aws:logs:us-east-1:000000000000:query-result:*"));
    assertThat(refusal(Logs.DISASSOCIATE_KMS_KEY, new DisassociateKmsKeyRequest("/none", null)))
        .startsWith("ResourceNotFoundException");
    assertThat(refusal(Logs.DISASSOCIATE_KMS_KEY, new DisassociateKmsKeyRequest(null, null)))
        .startsWith("InvalidParameterException");
  }

  @Test
  void retentionIsSetShownAndTakenBack() {
    logs.createGroup("/app");

    harness.call(Logs.PUT_RETENTION_POLICY, new PutRetentionPolicyRequest("/app", 14));
    assertThat(describe("/app").retentionInDays()).isEqualTo(14);

    harness.call(Logs.DELETE_RETENTION_POLICY, new DeleteRetentionPolicyRequest("/app"));
    harness.call(Logs.DELETE_RETENTION_POLICY, new DeleteRetentionPolicyRequest("/app"));
    assertThat(describe("/app").retentionInDays()).isNull();
  }

  @Test
  void onlySomeRetentionsExist() {
    logs.createGroup("/app");

    assertThat(refusal(Logs.PUT_RETENTION_POLICY, new PutRetentionPolicyRequest("/app", 2)))
        .isEqualTo(
            "InvalidParameterException: 1 validation error detected: Value '2' at"
                + " 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value"
                + " set: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096,"
                + " 1827, 2192, 2557, 2922, 3288, 3653]");
  }

  @Test
  void tagsAreGivenReplacedAndTakenAway() {
    harness.call(
        Logs.CREATE_LOG_GROUP, group("/app").tags(ordered("owner", "me", "phase", "1")).build());
    assertThat(tags()).isEqualTo(ordered("owner", "me", "phase", "1"));

    harness.call(Logs.TAG_RESOURCE, new TagResourceRequest(ARN, ordered("phase", "2", "x", "")));
    assertThat(tags()).isEqualTo(ordered("owner", "me", "phase", "2", "x", ""));

    harness.call(Logs.UNTAG_RESOURCE, new UntagResourceRequest(ARN, List.of("owner", "none")));
    assertThat(tags()).isEqualTo(ordered("phase", "2", "x", ""));

    harness.call(Logs.TAG_LOG_GROUP, new TagLogGroupRequest("/app", ordered("old", "way")));
    harness.call(Logs.UNTAG_LOG_GROUP, new UntagLogGroupRequest("/app", List.of("x")));
    assertThat(harness.call(Logs.LIST_TAGS_LOG_GROUP, new ListTagsLogGroupRequest("/app")).tags())
        .isEqualTo(ordered("phase", "2", "old", "way"));
  }

  @Test
  void aGroupHasAtMostFiftyTags() {
    logs.createGroup("/app");
    Map<String, String> fifty = new LinkedHashMap<>();
    for (int i = 0; i < 50; i++) {
      fifty.put("key" + i, "");
    }
    harness.call(Logs.TAG_RESOURCE, new TagResourceRequest(ARN, fifty));

    assertThat(refusal(Logs.TAG_RESOURCE, new TagResourceRequest(ARN, ordered("one", "more"))))
        .startsWith("TooManyTagsException");
    assertThat(tags()).hasSize(50);
  }

  @Test
  void aGroupGoesWithItsStreamsAndTheirEvents() {
    logs.createGroup("/app");
    logs.createStream("/app", "web");
    logs.put("/app", "web", "old");
    logs.createGroup("/app2");
    logs.createStream("/app2", "web");
    logs.put("/app2", "web", "kept");

    logs.deleteGroup("/app");

    assertThat(logs.groupPages(request -> request)).isEqualTo("/app2");
    assertThat(refusal(Logs.DELETE_LOG_GROUP, new DeleteLogGroupRequest("/app")))
        .isEqualTo("ResourceNotFoundException: The specified log group does not exist.");
    logs.createGroup("/app");
    assertThat(logs.streamPages("/app", request -> request)).isEmpty();
    logs.createStream("/app", "web");
    assertThat(logs.messages("/app", "web")).isEmpty();
    assertThat(logs.messages("/app2", "web")).containsExactly("kept");
  }

  /// More streams than one decision may remove.
  @Test
  void aGroupOfAnySizeIsDeleted() {
    logs.createGroup("/app");
    for (int i = 0; i < 12_000; i++) {
      harness.ask(Logs.CREATE_LOG_STREAM, new CreateLogStreamRequest("/app", "task/" + i));
      if (i % 1_000 == 0) {
        harness.settle();
      }
    }
    harness.settle();
    logs.put("/app", "task/7", "old");

    var deleted = harness.ask(Logs.DELETE_LOG_GROUP, new DeleteLogGroupRequest("/app"));
    var tooEarly = harness.ask(Logs.CREATE_LOG_GROUP, group("/app").build());
    harness.commit();
    assertThat(deleted.output()).isNotNull();
    assertThat(tooEarly.error().code()).isEqualTo("OperationAbortedException");
    assertThat(logs.groupPages(request -> request)).isEmpty();

    harness.settle();
    assertThat(harness.state().size()).isZero();
    logs.createGroup("/app");
    logs.createStream("/app", "task/7");
    assertThat(logs.messages("/app", "task/7")).isEmpty();
  }

  @Test
  void aRestartGoesOnRemovingStreams() {
    logs.createGroup("/app");
    for (int i = 0; i < 11_000; i++) {
      harness.ask(Logs.CREATE_LOG_STREAM, new CreateLogStreamRequest("/app", "task/" + i));
      if (i % 1_000 == 0) {
        harness.settle();
      }
    }
    harness.settle();
    harness.ask(Logs.DELETE_LOG_GROUP, new DeleteLogGroupRequest("/app"));
    harness.commit();

    ControlHarness next = harness.crash(LogOperations::register);
    assertThat(next.state().size()).isGreaterThan(0);
    new LogsClient(next).createGroup("/other");

    assertThat(next.state().size()).isEqualTo(1);
  }

  private LogGroup describe(String name) {
    var page =
        harness.call(
            Logs.DESCRIBE_LOG_GROUPS,
            DescribeLogGroupsRequest.builder().logGroupNamePrefix(name).build());
    return Objects.requireNonNull(page.logGroups()).getFirst();
  }

  private @Nullable Map<String, String> tags() {
    return harness.call(Logs.LIST_TAGS_FOR_RESOURCE, new ListTagsForResourceRequest(ARN)).tags();
  }

  private void protect(String group, boolean protect) {
    harness.call(
        Logs.PUT_LOG_GROUP_DELETION_PROTECTION,
        new PutLogGroupDeletionProtectionRequest(group, protect));
  }

  /// The names that ListLogGroups gives, and what its pages hold.
  private String listed(UnaryOperator<ListLogGroupsRequest.Builder> request) {
    List<String> pages = new ArrayList<>();
    String token = null;
    do {
      var page =
          harness.call(
              Logs.LIST_LOG_GROUPS,
              request.apply(ListLogGroupsRequest.builder()).nextToken(token).build());
      pages.add(
          String.join(
              " ",
              Objects.requireNonNull(page.logGroups()).stream()
                  .map(LogGroupSummary::logGroupName)
                  .toList()));
      token = page.nextToken();
    } while (token != null && pages.size() < 10);
    return String.join(" | ", pages);
  }

  private <I> String refusal(Operation<I, ?> operation, I input) {
    ServiceException refused = harness.refusal(operation, input);
    return refused.code() + ": " + refused.text();
  }

  private static CreateLogGroupRequest.Builder group(String name) {
    return CreateLogGroupRequest.builder().logGroupName(name);
  }

  private static Map<String, String> ordered(String... keysAndValues) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }
}
