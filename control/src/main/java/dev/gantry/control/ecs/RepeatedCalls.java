package dev.gantry.control.ecs;

import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.Failure;
import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.RunTaskResponse;
import dev.gantry.control.Head;
import dev.gantry.model.ClientToken;
import dev.gantry.model.ClientTokenId;
import dev.gantry.model.ClusterId;
import dev.gantry.model.Task;
import dev.gantry.model.TaskId;
import dev.gantry.model.TaskStatus;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.shape.ServiceException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A RunTask that comes again under the same client token does nothing, and is answered as the
/// first one was (Ensuring idempotency, Amazon ECS API Reference).
///
/// A token belongs to its cluster. It is free again a day after its first use, or an hour after the
/// last of its tasks stopped, whichever comes first.
final class RepeatedCalls {
  private static final int MAX_TOKEN = 64;

  /// For how long a repetition says what failed.
  private static final Duration FAILURES_KNOWN = Duration.ofHours(1);

  private RepeatedCalls() {}

  /// Where a call is remembered, or null if it has no token.
  ///
  /// @throws ServiceException InvalidParameterException if it is not 1 to 64 characters of ASCII 33
  ///   to 126
  static @Nullable ClientTokenId id(ClusterId cluster, @Nullable String token) {
    if (token == null) {
      return null;
    }
    if (token.isEmpty()
        || token.length() > MAX_TOKEN
        || !token.chars().allMatch(c -> c >= 33 && c <= 126)) {
      throw EcsErrors.invalidParameterException(
          "clientToken must be 1 to " + MAX_TOKEN + " characters of ASCII 33 to 126.");
    }
    return new ClientTokenId(cluster.scope(), cluster.name(), token);
  }

  /// The answer to a call that was there before, or null if it is the first under its token: what
  /// it was at first, of tasks that have stopped their states alone, and of failures that are more
  /// than an hour old their number.
  ///
  /// @throws ServiceException ConflictException with the ARNs of the first call's tasks, if that
  ///   one was another
  static @Nullable RunTaskResponse answer(
      Head head, ClientTokenId token, RunTaskRequest input, Instant now) {
    ClientToken earlier = head.state().clientToken(token);
    if (earlier == null || !stands(head, earlier, now)) {
      return null;
    }
    if (!earlier.requestDigest().equals(digest(input))) {
      throw EcsErrors.conflictException(
          "The RunTask request could not be processed due to conflicts. "
              + "The provided clientToken is already in use with a different request.",
          earlier.tasks().stream().map(TaskId::arn).toList());
    }
    TaskMapping mapping = TaskMapping.of(head);
    List<dev.gantry.api.ecs.Task> tasks = new ArrayList<>();
    for (TaskId id : earlier.tasks()) {
      Task task = head.state().task(id);
      tasks.add(
          task != null && task.lastStatus() != TaskStatus.STOPPED
              ? mapping.show(task, true)
              : dev.gantry.api.ecs.Task.builder()
                  .taskArn(id.arn())
                  .lastStatus("STOPPED")
                  .desiredStatus("STOPPED")
                  .build());
    }
    List<Failure> failures =
        Objects.requireNonNullElse(
            AwsJson.decode(RunTaskResponse.SHAPE, earlier.failures()).failures(), List.of());
    return RunTaskResponse.builder()
        .tasks(tasks)
        .failures(
            now.isAfter(earlier.createdAt().plus(FAILURES_KNOWN))
                ? Collections.nCopies(failures.size(), Failure.builder().build())
                : failures)
        .build();
  }

  /// What to remember of a first call.
  static ClientToken remember(
      ClientTokenId token,
      RunTaskRequest input,
      RunTaskResponse response,
      List<Task> tasks,
      Instant now) {
    return new ClientToken(
        token,
        digest(input),
        tasks.stream().map(Task::id).toList(),
        AwsJson.encodeToString(
            RunTaskResponse.SHAPE, RunTaskResponse.builder().failures(response.failures()).build()),
        now);
  }

  private static boolean stands(Head head, ClientToken earlier, Instant now) {
    if (!now.isBefore(earlier.latestEnd())) {
      return false;
    }
    boolean stands = earlier.tasks().isEmpty();
    for (TaskId id : earlier.tasks()) {
      Task task = head.state().task(id);
      if (task != null) {
        // One that is gone has been stopped for longer than its token lives on.
        Instant stopped = task.times().stoppedAt();
        stands |= stopped == null || now.isBefore(stopped.plus(ClientToken.AFTER_LAST_TASK));
      }
    }
    return stands;
  }

  private static String digest(RunTaskRequest input) {
    byte[] request =
        AwsJson.encodeToString(RunTaskRequest.SHAPE, input.toBuilder().clientToken(null).build())
            .getBytes(StandardCharsets.UTF_8);
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(request));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
