package dev.gantry.scheduler.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.model.Attribute;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The language, one row an expression, each asked of the same instance.
class ClusterQueryTest {
  private static final QueriedInstance INSTANCE =
      new QueriedInstance(
          true,
          "1.105.1",
          "i-0123456789abcdef0",
          Instant.parse("2018-06-18T22:28:28Z"),
          3,
          List.of(
              new Attribute("ecs.instance-type", "t2.small"),
              new Attribute("ecs.availability-zone", "us-east-1a"),
              new Attribute("stack", "prod"),
              new Attribute("rack/unit", "9"),
              new Attribute("spare", "")),
          new TreeSet<>(List.of("service:web", "family:batch")));

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiterString = "->",
      quoteCharacter = '`',
      value = {
        // Equality.
        "attribute:stack == prod -> true",
        "attribute:stack==prod -> true",
        "attribute:stack equals prod -> true",
        "attribute:stack == 'prod' -> true",
        "attribute:stack == \"prod\" -> true",
        "attribute:stack == Prod -> false",
        "attribute:stack != test -> true",
        "attribute:stack not_equals prod -> false",
        "attribute:spare == '' -> true",
        // What is not there.
        "attribute:color == red -> false",
        "attribute:color != red -> true",
        "attribute:color > red -> false",
        "attribute:color =~ .* -> false",
        "attribute:color !~ .* -> true",
        "attribute:color in [red] -> false",
        "attribute:color !in [red] -> true",
        "attribute:color exists -> false",
        "attribute:color !exists -> true",
        "attribute:color not_exists -> true",
        "attribute:stack exists -> true",
        "attribute:spare exists -> true",
        // Lists.
        "attribute:ecs.instance-type in [t2.micro, t2.small] -> true",
        "attribute:ecs.instance-type in [t2.micro,t2.small] -> true",
        "attribute:ecs.instance-type in ['t2.small'] -> true",
        "attribute:ecs.instance-type in t2.small -> true",
        "attribute:ecs.instance-type not_in [t2.micro, t2.large] -> true",
        "attribute:ecs.instance-type !in [t2.small] -> false",
        // Patterns: of the whole value.
        "attribute:ecs.instance-type =~ t2.* -> true",
        "attribute:ecs.instance-type =~ t2 -> false",
        "attribute:ecs.instance-type matches t[23]\\.(small|large) -> refused",
        "attribute:ecs.instance-type =~ 't[23]\\.(small|large)' -> true",
        "attribute:ecs.instance-type !~ g2.* -> true",
        "attribute:ecs.instance-type not_matches t2.* -> false",
        // Order.
        "attribute:rack/unit < 10 -> true",
        "attribute:rack/unit > 10 -> false",
        "attribute:stack > alpha -> true",
        "attribute:stack less_than alpha -> false",
        "runningTasksCount == 3 -> true",
        "runningTasksCount >= 3 -> true",
        "runningTasksCount greater_than 3 -> false",
        "runningTasksCount < 10 -> true",
        "runningTasksCount less_than_equal 2 -> false",
        "agentVersion > 1.9.0 -> true",
        "agentVersion >= 1.105.1 -> true",
        "agentVersion < 1.105 -> false",
        "agentVersion < 1.106 -> true",
        "agentVersion == v1.105.1 -> true",
        "registeredAt == 2018-06-18T22:28:28+00:00 -> true",
        "registeredAt == 2018-06-18T22:28:28 -> true",
        "registeredAt < 2018-06-19 -> true",
        "registeredAt > 2018-06-18 -> true",
        "registeredAt >= 2018-06-18T22:28:28Z -> true",
        "registeredAt > 2018-06-18T23:28:28+02:00 -> true",
        // Fields of text.
        "agentConnected == true -> true",
        "agentConnected == false -> false",
        "ec2InstanceId =~ i-.* -> true",
        "ec2InstanceId in ['i-0123456789abcdef0', 'i-1'] -> true",
        "task:group == service:web -> true",
        "task:group == service:other -> false",
        "task:group != service:web -> false",
        "task:group =~ family:.* -> true",
        "task:group in [service:db, family:batch] -> true",
        "task:group exists -> true",
        // Together.
        "attribute:stack == prod and agentConnected == true -> true",
        "attribute:stack == prod && attribute:stack == test -> false",
        "attribute:stack == test or attribute:rack/unit == 9 -> true",
        "attribute:stack == test || attribute:rack/unit == 8 -> false",
        "not(attribute:stack == test) -> true",
        "!(attribute:stack == prod) -> false",
        "not attribute:stack == prod -> false",
        "not not attribute:stack == prod -> true",
        // and binds closer than or.
        "attribute:stack == prod or attribute:stack == x and attribute:stack == y -> true",
        "(attribute:stack == prod or attribute:stack == x) and attribute:stack == y -> false",
        "attribute:stack == x and attribute:stack == y or attribute:stack == prod -> true",
        "AND == 1 -> refused",
        "(((attribute:stack == prod))) -> true",
        "attribute:stack==prod AND(attribute:stack exists) -> true"
      })
  void matches(String text, String expected) throws QuerySyntaxException {
    if (expected.equals("refused")) {
      assertThatThrownBy(() -> ClusterQuery.parse(text)).isInstanceOf(QuerySyntaxException.class);
    } else {
      ClusterQuery query = ClusterQuery.parse(text);
      assertThat(query.matches(INSTANCE)).as(query.toString()).isEqualTo(expected.equals("true"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "attribute:",
        "attribute:stack",
        "attribute:stack ==",
        "attribute:stack = prod",
        "attribute:stack == prod and",
        "attribute:stack == prod attribute:stack == prod",
        "attribute:stack == prod xor attribute:stack == prod",
        "(attribute:stack == prod",
        "attribute:stack == prod)",
        "attribute:stack in [a, b",
        "attribute:stack in []",
        "attribute:stack =~ [",
        "attribute:stack == 'prod",
        "stack == prod",
        "agentConnected > true",
        "agentVersion =~ 1.*",
        "agentVersion in [1.0.0]",
        "runningTasksCount == many",
        "runningTasksCount in [1]",
        "registeredAt > yesterday",
        "registeredAt > 2018-13-01",
        "task:group < a",
        "()",
        "not",
        "!",
        "and",
        "[",
        "'",
      })
  void refusesWhatIsNoExpression(String text) {
    assertThatThrownBy(() -> ClusterQuery.parse(text))
        .isInstanceOf(QuerySyntaxException.class)
        .hasMessageContaining("Invalid expression: ")
        .hasMessageContaining("at character ");
  }

  @Test
  void saysWhereAndWhat() {
    assertThatThrownBy(() -> ClusterQuery.parse("attribute:a == b and colour == red"))
        .hasMessageStartingWith("Invalid expression: unknown subject colour; known are")
        .hasMessageContaining("at character 22 of: attribute:a == b and colour == red");
    assertThatThrownBy(() -> ClusterQuery.parse("agentVersion =~ 1.*"))
        .hasMessageContaining("agentVersion takes only ==, !=, >, >=, <, <=");
  }

  @Test
  void boundsWhatATextCanCost() throws QuerySyntaxException {
    String term = "attribute:a == b";
    assertThatThrownBy(() -> ClusterQuery.parse("(".repeat(100) + term + ")".repeat(100)))
        .hasMessageContaining("nested deeper than");
    assertThatThrownBy(() -> ClusterQuery.parse("!".repeat(1_000) + "(" + term + ")"))
        .hasMessageContaining("nested deeper than");
    assertThatThrownBy(() -> ClusterQuery.parse("attribute:a == " + "b".repeat(2_000)))
        .hasMessageContaining("at most 2000 characters");
    assertThatThrownBy(() -> ClusterQuery.parse("attribute:a in [" + "b,".repeat(500) + "b]"))
        .hasMessageContaining("at most 100 values");
    assertThatThrownBy(
            () -> ClusterQuery.parse("attribute:a =~ '" + "(".repeat(500) + ")".repeat(500) + "'"))
        .hasMessageContaining("at most 10 groups");
    // Would take longer than the universe has stood.
    QueriedInstance slow =
        new QueriedInstance(
            true,
            null,
            null,
            Instant.EPOCH,
            0,
            List.of(new Attribute("a", "a".repeat(60) + "!")),
            new TreeSet<>());
    assertThat(ClusterQuery.parse("attribute:a =~ '(a+)+(a+)+b'").matches(slow)).isFalse();
  }

  @Test
  void hasNoSubjectsThatAnInstanceDoesNotHave() throws QuerySyntaxException {
    QueriedInstance bare =
        new QueriedInstance(false, null, null, Instant.EPOCH, 0, List.of(), new TreeSet<>());
    assertThat(ClusterQuery.parse("agentVersion exists").matches(bare)).isFalse();
    assertThat(ClusterQuery.parse("agentVersion < 99").matches(bare)).isFalse();
    assertThat(ClusterQuery.parse("ec2InstanceId !exists").matches(bare)).isTrue();
    assertThat(ClusterQuery.parse("task:group != family:a").matches(bare)).isTrue();
  }
}
