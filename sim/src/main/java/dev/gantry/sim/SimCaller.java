package dev.gantry.sim;

import dev.gantry.api.ecs.RunTaskRequest;
import dev.gantry.api.ecs.StartTaskRequest;
import dev.gantry.sim.SimNetwork.Reply;
import dev.gantry.sim.SimNetwork.Route;
import dev.gantry.wire.WireResponse;
import dev.gantry.wire.client.AwsClient;
import dev.gantry.wire.shape.Operation;
import dev.gantry.wire.shape.ServiceException;
import java.time.Duration;
import java.util.function.Consumer;

/// Calls the API as an SDK does: signed, with a limit on the time, and again if it is told to
/// insist.
final class SimCaller {
  private static final Duration RETRY = Duration.ofMillis(700);

  /// How a call ended.
  sealed interface Result<O> {
    /// It was done.
    record Done<O>(O output) implements Result<O> {}

    /// It was refused.
    record Refused<O>(ServiceException error) implements Result<O> {
      /// Whether the same call may be taken another time.
      boolean isTransient() {
        return error.status() >= 500 || error.code().equals("ThrottlingException");
      }
    }

    /// Nobody knows.
    record Lost<O>(String why) implements Result<O> {}
  }

  private final World world;
  private final Chance chance;
  private final SimNetwork network;
  private final Route route;
  private final AwsClient client = new AwsClient();
  private int waiting;

  /// @param chance of whoever calls
  SimCaller(World world, Chance chance, SimNetwork network, Route route) {
    this.world = world;
    this.chance = chance;
    this.network = network;
    this.route = route;
  }

  /// Whether it waits for nothing.
  boolean isIdle() {
    return waiting == 0;
  }

  /// Calls once.
  <I, O> void call(Operation<I, O> operation, I input, Consumer<Result<O>> then) {
    waiting++;
    network.call(
        route,
        client.request(
            operation, input, SimNetwork.ENDPOINT, SimControl.KEY, SimControl.REGION, world.now()),
        Budget.CALL_TIMEOUT,
        isRepeatable(input),
        reply -> {
          waiting--;
          then.accept(
              switch (reply) {
                case Reply.Lost(String why) -> new Result.Lost<>(why);
                case Reply.Answer(WireResponse response) -> result(operation, response);
              });
        });
  }

  /// Calls until it is done, or is refused for good: it may have been done before.
  <I, O> void insist(Operation<I, O> operation, I input, Runnable then) {
    call(
        operation,
        input,
        result -> {
          switch (result) {
            case Result.Done<O> _ -> then.run();
            case Result.Refused<O> refused when !refused.isTransient() -> then.run();
            case Result.Refused<O> _ -> again(() -> insist(operation, input, then));
            case Result.Lost<O> _ -> again(() -> insist(operation, input, then));
          }
        });
  }

  /// Waits a little before the next try.
  void again(Runnable next) {
    waiting++;
    world.after(
        chance.about(RETRY),
        "caller tries again",
        () -> {
          waiting--;
          next.run();
        });
  }

  /// Nobody repeats by himself what would then be done twice.
  private static boolean isRepeatable(Object input) {
    return switch (input) {
      case RunTaskRequest run -> run.clientToken() != null;
      case StartTaskRequest _ -> false;
      default -> true;
    };
  }

  private <O> Result<O> result(Operation<?, O> operation, WireResponse response) {
    try {
      return new Result.Done<>(
          client.output(operation, response.status(), response.headers(), response.body()));
    } catch (ServiceException error) {
      return new Result.Refused<>(error);
    }
  }
}
