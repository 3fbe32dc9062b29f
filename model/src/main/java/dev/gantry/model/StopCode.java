package dev.gantry.model;

/// Why a task was stopped (TaskStopCode, Amazon ECS API Reference).
public enum StopCode {
  TASK_FAILED_TO_START("TaskFailedToStart"),
  ESSENTIAL_CONTAINER_EXITED("EssentialContainerExited"),
  USER_INITIATED("UserInitiated"),
  SERVICE_SCHEDULER_INITIATED("ServiceSchedulerInitiated"),
  SPOT_INTERRUPTION("SpotInterruption"),
  TERMINATION_NOTICE("TerminationNotice");

  private final String spelling;

  StopCode(String spelling) {
    this.spelling = spelling;
  }

  /// As ECS spells it.
  public String spelling() {
    return spelling;
  }
}
