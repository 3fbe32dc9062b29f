package dev.gantry.control;

import dev.gantry.model.Change;
import java.util.List;

/// What a command wants: the changes to make, and what to answer once they are durable.
///
/// @param <O> the operation's output record
public record Decision<O>(List<Change> changes, O response) {

  /// Nothing changes; the answer alone.
  public static <O> Decision<O> answer(O response) {
    return new Decision<>(List.of(), response);
  }

  /// The given entities stand from now on.
  public static <O> Decision<O> put(O response, dev.gantry.model.Entity... entities) {
    return new Decision<>(
        java.util.Arrays.stream(entities).<Change>map(Change.Put::new).toList(), response);
  }
}
