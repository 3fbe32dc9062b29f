package dev.gantry.agent;

import dev.gantry.agent.AgentEffect.Note;
import dev.gantry.agent.Kernel.Outcome;
import dev.gantry.api.ecs.ContainerStateChange;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.SubmitTaskStateChangeRequest;
import dev.gantry.api.ecs.SubmitTaskStateChangeResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/// Sends SubmitTaskStateChange: a bounded number at a time, the rest waits in order of arrival
/// (agent-protocol 4: up to 10 tasks in parallel).
final class ReportDesk {

  /// Calls in flight at once, over all tasks.
  static final int MAX_IN_FLIGHT = 10;

  /// Final reports of tasks that this agent never ran, waiting to be accepted. Beyond it the oldest
  /// is dropped: the control plane asks again at the next connection.
  static final int MAX_FINAL = 1_000;

  /// What became of one report.
  enum Result {
    /// The control plane has it.
    ACCEPTED,
    /// It will never take it: there is nothing left to be done.
    DROPPED,
    /// It must be sent again.
    FAILED
  }

  private record Job(SubmitTaskStateChangeRequest request, Consumer<Result> then) {}

  private final Kernel kernel;
  private final AgentSettings settings;
  private final Deque<Job> waiting = new ArrayDeque<>();
  private int inFlight;
  private int finals;

  ReportDesk(Kernel kernel, AgentSettings settings) {
    this.kernel = kernel;
    this.settings = settings;
  }

  /// Sends one report, once; `then` hears the result.
  void submit(SubmitTaskStateChangeRequest request, Consumer<Result> then) {
    waiting.add(new Job(request, then));
    pump();
  }

  /// Reports a task STOPPED of which there is nothing but this reason to tell, until it is
  /// accepted. Memory only: after a crash the control plane asks again.
  void submitFinal(String task, String reason) {
    submitFinal(task, reason, List.of());
  }

  /// As above, and says the reason of each of these containers too: a task that failed to start
  /// shows those of its containers and none of its own.
  void submitFinal(String task, String reason, List<String> containers) {
    if (finals >= MAX_FINAL) {
      kernel.note(Note.Level.WARNING, "too many final reports wait; not reporting " + task);
      return;
    }
    finals++;
    repeat(
        SubmitTaskStateChangeRequest.builder()
            .cluster(settings.cluster())
            .task(task)
            .status(Status.STOPPED.name())
            .reason(reason)
            .containers(containers.isEmpty() ? null : stopped(containers, reason))
            .build(),
        Retry.NONE);
  }

  private static List<ContainerStateChange> stopped(List<String> containers, String reason) {
    List<ContainerStateChange> changes = new ArrayList<>();
    for (String container : containers) {
      changes.add(
          ContainerStateChange.builder()
              .containerName(container)
              .status(Status.STOPPED.name())
              .reason(reason)
              .build());
    }
    return changes;
  }

  private void repeat(SubmitTaskStateChangeRequest request, Retry retry) {
    submit(
        request,
        result -> {
          switch (result) {
            case ACCEPTED, DROPPED -> finals--;
            case FAILED -> {
              Retry next = retry.failed(kernel.now(), Backoff.REPORT, kernel.chance());
              kernel.timers.set(
                  "final." + kernel.number(),
                  next.at() == null ? kernel.now() : next.at(),
                  () -> repeat(request, next));
            }
          }
        });
  }

  private void pump() {
    while (inFlight < MAX_IN_FLIGHT && !waiting.isEmpty()) {
      Job job = waiting.removeFirst();
      inFlight++;
      kernel.call(
          settings.region(),
          Ecs.SUBMIT_TASK_STATE_CHANGE,
          job.request(),
          SubmitTaskStateChangeResponse.class,
          outcome -> {
            inFlight--;
            job.then().accept(result(job.request(), outcome));
            pump();
          });
    }
  }

  private Result result(
      SubmitTaskStateChangeRequest request, Outcome<SubmitTaskStateChangeResponse> outcome) {
    String what = request.status() + " of " + request.task();
    return switch (outcome) {
      case Outcome.Done<SubmitTaskStateChangeResponse> _ -> Result.ACCEPTED;
      case Outcome.Refused<SubmitTaskStateChangeResponse>(String code, int _, String message) -> {
        // agent-protocol 4: only this error says that the report will never be taken.
        if (code.equals("InvalidParameterException")) {
          kernel.note(Note.Level.ERROR, "report dropped: " + what + ": " + message);
          yield Result.DROPPED;
        }
        kernel.note(Note.Level.WARNING, "report refused: " + what + ": " + code + ": " + message);
        yield Result.FAILED;
      }
      case Outcome.Lost<SubmitTaskStateChangeResponse>(String message) -> {
        kernel.note(Note.Level.WARNING, "report not answered: " + what + ": " + message);
        yield Result.FAILED;
      }
    };
  }
}
