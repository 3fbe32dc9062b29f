package dev.gantry.store;

/// Where State is made durable. It has one owner, the single writer, who uses it in this order:
/// [#load] once, [#start] once, then [#commit] for every decision.
///
/// Beside the record that each change puts or removes, the journal keeps the latest changes
/// themselves in an outbox, written in the same transaction: standbys and events follow it.
///
/// **Failure is final.** After a failed commit nobody knows what is durable, so the journal does
/// nothing more, tells it once, and the process is expected to stop and load again.
public interface Journal extends AutoCloseable {

  /// How many batches may wait to be durable.
  int MAX_QUEUED_BATCHES = 4_096;

  /// How many changes may wait, in all batches.
  int MAX_QUEUED_CHANGES = 100_000;

  /// How many of the latest changes the outbox keeps at least. A standby that is further behind
  /// loads everything instead.
  int OUTBOX_CHANGES = 100_000;

  /// Reads everything. Blocks; called once, before [#start].
  ///
  /// @throws StoreException if the store cannot be read, or holds a record that cannot
  State load() throws StoreException;

  /// Makes the journal ready for commits.
  ///
  /// @param listener hears of them, from the journal's own thread
  void start(Listener listener);

  /// Whether [#commit] would take another batch. To be asked *before* a decision is made, since a
  /// decision that cannot be remembered must not be made. Only the owner adds batches, so the
  /// answer stays true until it does.
  boolean hasRoom();

  /// Takes a batch to be made durable and returns at once. Batches become durable in the order they
  /// were given; many that wait are written together. After a failure it does nothing.
  ///
  /// @throws IllegalArgumentException if the batch does not follow the one before without a gap
  /// @throws IllegalStateException if there is no room, or the journal was not started, or is
  ///   closed
  void commit(Batch batch);

  /// Makes durable what was given, tells it, and ends. Nothing is told afterwards. Blocks.
  @Override
  void close();

  /// Hears what became durable. Calls never overlap.
  interface Listener {

    /// Every change up to this revision is durable. Revisions rise; several batches may be told at
    /// once.
    void durable(long revision);

    /// The journal failed and does nothing more. What was given and not told durable may be durable
    /// or not. Told once, and last.
    void failed(StoreException cause);
  }
}
