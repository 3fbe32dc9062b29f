package dev.gantry.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class EntityIdTest {
  private static final Scope HERE = new Scope("000000000000", "us-east-1");
  private static final Scope THERE = new Scope("000000000000", "us-east-2");
  private static final Scope OTHER = new Scope("111111111111", "us-east-1");

  @Test
  void idsSortByScopeFirstAndRevisionsAsNumbers() {
    TaskDefinitionId second = new TaskDefinitionId(HERE, "a", 2);
    TaskDefinitionId tenth = new TaskDefinitionId(HERE, "a", 10);
    TaskDefinitionId otherFamily = new TaskDefinitionId(HERE, "b", 1);
    TaskDefinitionId otherRegion = new TaskDefinitionId(THERE, "a", 1);
    TaskDefinitionId otherAccount = new TaskDefinitionId(OTHER, "a", 1);
    List<TaskDefinitionId> inOrder = List.of(second, tenth, otherFamily, otherRegion, otherAccount);
    assertThat(new TreeSet<>(inOrder.reversed())).containsExactlyElementsOf(inOrder);
    assertThat(inOrder.stream().map(EntityId::key).sorted().toList())
        .containsExactlyElementsOf(inOrder.stream().map(EntityId::key).toList());
  }

  @Test
  void keysAreStoredSoTheirFormIsFixed() {
    assertThat(new ClusterId(HERE, "default").key()).isEqualTo("000000000000|us-east-1|default");
    assertThat(new TaskDefinitionId(HERE, "hello", 7).key())
        .isEqualTo("000000000000|us-east-1|hello|0000000007");
    assertThat(new TaskId(HERE, "default", "ab").key())
        .isEqualTo("000000000000|us-east-1|default|ab");
    assertThat(new LogStreamId(HERE, "/g", "a|b").key()).isEqualTo("000000000000|us-east-1|/g|a|b");
  }

  @Test
  void arnsAreTheLongForm() {
    assertThat(new TaskId(HERE, "default", "ab").arn())
        .isEqualTo("arn:aws:ecs:us-east-1:000000000000:task/default/ab");
    assertThat(new ContainerInstanceId(HERE, "c", "ab").arn())
        .isEqualTo("arn:aws:ecs:us-east-1:000000000000:container-instance/c/ab");
    assertThat(new TaskDefinitionId(HERE, "hello", 7).arn())
        .isEqualTo("arn:aws:ecs:us-east-1:000000000000:task-definition/hello:7");
    assertThat(new LogStreamId(HERE, "/g", "s").arn())
        .isEqualTo("arn:aws:logs:us-east-1:000000000000:log-group:/g:log-stream:s");
  }

  @Test
  void accountsHaveTwelveDigits() {
    assertThatThrownBy(() -> new Scope("12345", "us-east-1"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Scope("12345678901x", "us-east-1"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void arnsAreTakenApart() {
    assertThat(Arn.parse("arn:aws:logs:us-east-1:000000000000:log-group:/g:*"))
        .isEqualTo(new Arn("aws", "logs", "us-east-1", "000000000000", "log-group:/g:*"));
    assertThat(Arn.parse("hello")).isNull();
    assertThat(Arn.parse("arn:aws:ecs:us-east-1:")).isNull();
  }
}
