package dev.gantry.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.model.ContainerStatus;
import dev.gantry.model.StopCode;
import dev.gantry.model.TaskContainer;
import dev.gantry.model.TaskStatus;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskLifecycleTest {

  /// Every from and every to; a plus is a legal move. Written out, so that a change of the rule
  /// shows as a change here.
  private static final String TABLE =
      """
                      PROV PEND ACTI RUNN DEAC STOI DEPR STOD
      PROVISIONING    .    +    +    +    +    +    +    +
      PENDING         .    .    +    +    +    +    +    +
      ACTIVATING      .    .    .    +    +    +    +    +
      RUNNING         .    .    .    .    +    +    +    +
      DEACTIVATING    .    .    .    .    .    +    +    +
      STOPPING        .    .    .    .    .    .    +    +
      DEPROVISIONING  .    .    .    .    .    .    .    +
      STOPPED         .    .    .    .    .    .    .    .
      """;

  @Test
  void everyMove() {
    List<String> expected = TABLE.lines().skip(1).toList();
    List<String> actual = new ArrayList<>();
    for (TaskStatus from : TaskStatus.values()) {
      StringBuilder row = new StringBuilder(String.format("%-16s", from));
      for (TaskStatus to : TaskStatus.values()) {
        row.append(TaskLifecycle.mayMove(from, to) ? '+' : '.').append("    ");
      }
      actual.add(row.toString().stripTrailing());
    }
    assertThat(actual).containsExactlyElementsOf(expected);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      nullValues = "-",
      textBlock =
          """
          ran and exited,            RUNNING, 3,   -,                         EssentialContainerExited
          exited before RUNNING,     PENDING, 0,   -,                         EssentialContainerExited
          image could not be pulled, PENDING, -,   CannotPullContainerError:, TaskFailedToStart
          command not found,         PENDING, -,   CannotStartContainerError:, TaskFailedToStart
          out of memory,             RUNNING, 137, OutOfMemoryError:,         EssentialContainerExited
          vanished while running,    RUNNING, -,   ContainerVanishedError:,   EssentialContainerExited
          """)
  void whyATaskEnded(
      String name,
      TaskStatus before,
      @Nullable Integer exitCode,
      @Nullable String reason,
      String stopCode) {
    assertThat(name).isNotEmpty();
    assertThat(
            TaskLifecycle.ownEnd(
                    before, List.of(container(true, ContainerStatus.STOPPED, exitCode, reason)))
                .code()
                .spelling())
        .isEqualTo(stopCode);
  }

  @Test
  void aFailedSiblingMakesItAFailureToStart() {
    assertThat(
            TaskLifecycle.ownEnd(
                    TaskStatus.PENDING,
                    List.of(
                        container(true, ContainerStatus.STOPPED, 137, null),
                        container(true, ContainerStatus.STOPPED, null, "CannotPullContainerError")))
                .code())
        .isEqualTo(StopCode.TASK_FAILED_TO_START);
  }

  @Test
  void anEssentialContainerEndsItsTask() {
    TaskContainer essentialUp = container(true, ContainerStatus.RUNNING, null, null);
    TaskContainer essentialDown = container(true, ContainerStatus.STOPPED, 0, null);
    TaskContainer otherUp = container(false, ContainerStatus.RUNNING, null, null);
    TaskContainer otherDown = container(false, ContainerStatus.STOPPED, 0, null);
    assertThat(TaskLifecycle.endsTask(List.of(essentialUp, otherDown))).isFalse();
    assertThat(TaskLifecycle.endsTask(List.of(essentialDown, otherUp))).isTrue();
    assertThat(TaskLifecycle.endsTask(List.of(otherDown, otherUp))).isFalse();
    assertThat(TaskLifecycle.endsTask(List.of(otherDown, otherDown))).isTrue();
    assertThat(TaskLifecycle.endsTask(List.of())).isFalse();
  }

  private static TaskContainer container(
      boolean essential,
      ContainerStatus status,
      @Nullable Integer exitCode,
      @Nullable String reason) {
    return new TaskContainer(
        "app", "uuid", "image", essential, 0, null, null, status, exitCode, reason, null, null,
        List.of(), List.of());
  }
}
