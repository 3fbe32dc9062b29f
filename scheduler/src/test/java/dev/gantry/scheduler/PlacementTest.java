package dev.gantry.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.model.Attribute;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.HostPort;
import dev.gantry.model.HostPort.Protocol;
import dev.gantry.model.Resources;
import dev.gantry.model.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlacementTest {
  private static final Scope HERE = new Scope("000000000000", "us-east-1");

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      textBlock =
          """
          fits exactly,        true,  true,  1024, 512, 8080, 1024, 512, 9090, PLACED
          cpu one too many,    true,  true,  1024, 512, 8080, 1025, 512, 9090, RESOURCE:CPU
          memory one too many, true,  true,  1024, 512, 8080, 1024, 513, 9090, RESOURCE:MEMORY
          port taken,          true,  true,  1024, 512, 8080, 1024, 512, 8080, RESOURCE:PORTS
          agent away,          true,  false, 1024, 512, 8080, 1,    1,   9090, AGENT
          draining,            false, true,  1024, 512, 8080, 1,    1,   9090, INACTIVE
          needs nothing,       true,  true,  0,    0,   8080, 0,    0,   9090, PLACED
          host shrank,         true,  true,  -5,   512, 8080, 1,    1,   9090, RESOURCE:CPU
          """)
  void oneInstance(
      String name,
      boolean active,
      boolean connected,
      int freeCpu,
      int freeMemory,
      int takenPort,
      int cpu,
      int memory,
      int port,
      String expected) {
    assertThat(name).isNotEmpty();
    InstanceView view = instance("a", active, connected, freeCpu, freeMemory, takenPort);
    TaskDemand demand =
        new TaskDemand(
            new Resources(cpu, memory, List.of(new HostPort(Protocol.TCP, port))), List.of());
    String outcome =
        switch (firstFit(List.of(view), demand)) {
          case Placement.Placed placed -> "PLACED";
          case Placement.Unplaceable no -> no.closest().reason().spelling();
        };
    assertThat(outcome).isEqualTo(expected);
  }

  /// Ports that the engine chooses are in no demand, so that they do not count.
  @ParameterizedTest(name = "{0} reserved, {1} more")
  @CsvSource({"99, 1, PLACED", "99, 2, RESOURCE:PORTS", "100, 1, RESOURCE:PORTS", "100, 0, PLACED"})
  void anInstanceReservesAHundredPorts(int reserved, int wanted, String expected) {
    TreeSet<HostPort> taken = new TreeSet<>();
    for (int i = 0; i < reserved; i++) {
      taken.add(new HostPort(Protocol.TCP, 1000 + i));
    }
    List<HostPort> more = new ArrayList<>();
    for (int i = 0; i < wanted; i++) {
      more.add(new HostPort(Protocol.UDP, 1000 + i));
    }
    InstanceView view =
        new InstanceView(
            new ContainerInstanceId(HERE, "default", "a"), true, true, 9, 9, taken, List.of());
    TaskDemand demand = new TaskDemand(new Resources(1, 1, more), List.of());
    Placement.@Nullable Rejection no = Placement.examine(view, demand);
    assertThat(no == null ? "PLACED" : no.reason().spelling()).isEqualTo(expected);
  }

  @Test
  void theFirstThatFitsIsTaken() {
    assertThat(
            firstFit(
                List.of(
                    instance("a", true, true, 1024, 256, 1),
                    instance("b", true, true, 1024, 512, 1),
                    instance("c", true, true, 1024, 512, 1)),
                new TaskDemand(new Resources(1, 300, List.of()), List.of())))
        .isEqualTo(new Placement.Placed(new ContainerInstanceId(HERE, "default", "b")));
  }

  @Test
  void theClosestRejectionIsTheOneThatPassedMostChecks() {
    Placement.Unplaceable no =
        (Placement.Unplaceable)
            firstFit(
                List.of(
                    instance("a", true, false, 9, 9, 1),
                    instance("b", true, true, 1024, 256, 1),
                    instance("c", true, true, 1, 512, 1)),
                new TaskDemand(new Resources(10, 300, List.of()), List.of()));
    assertThat(no.rejections()).hasSize(3);
    assertThat(no.closest().instance().id()).isEqualTo("b");
    assertThat(no.closest().detail())
        .isEqualTo("Insufficient memory available. (300 requested, 256 available)");
  }

  @Test
  void aMissingAttributeIsNamed() {
    Placement no =
        firstFit(
            List.of(instance("a", true, true, 9, 9, 1)),
            new TaskDemand(
                Resources.NONE,
                List.of(new Attribute("ecs.os-type", "linux"), new Attribute("gpu", ""))));
    assertThat(((Placement.Unplaceable) no).closest())
        .isEqualTo(
            new Placement.Rejection(
                new ContainerInstanceId(HERE, "default", "a"),
                Placement.Reason.ATTRIBUTE,
                "Attribute gpu is missing."));
  }

  @Test
  void anAttributeWithAnotherValueIsMissing() {
    TaskDemand arm =
        new TaskDemand(Resources.NONE, List.of(new Attribute("ecs.os-type", "windows")));
    assertThat(firstFit(List.of(instance("a", true, true, 9, 9, 1)), arm))
        .isInstanceOf(Placement.Unplaceable.class);
  }

  private static InstanceView instance(
      String id, boolean active, boolean connected, int cpu, int memory, int takenPort) {
    return new InstanceView(
        new ContainerInstanceId(HERE, "default", id),
        active,
        connected,
        cpu,
        memory,
        new TreeSet<>(List.of(new HostPort(Protocol.TCP, takenPort))),
        List.of(new Attribute("ecs.os-type", "linux")));
  }

  private static Placement firstFit(List<InstanceView> instances, TaskDemand demand) {
    return Placement.place(
        instances.stream().map(Candidate::of).toList(), demand, PlacementRules.NONE, bound -> 0);
  }
}
