package dev.gantry.sim;

/// What must hold. The first group after every event, the second once the world has been healed and
/// time given.
enum Invariant {
  /// What unstopped tasks reserve on an instance is what the ledger says, and no more than the
  /// instance registered.
  RESERVATIONS,
  /// No two unstopped tasks of an instance have the same fixed host port, and no engine is asked to
  /// publish one twice, unless it has started a container when its agent had given that up.
  HOST_PORTS,
  /// The status of a task, container, instance or definition never goes back, a wish to stop is
  /// never taken back, an exit code never changes, a revision is never used twice: in State, and in
  /// what one client is told, one answer after the other.
  FORWARD_ONLY,
  /// What a caller was told was done is on disk when it is told, and there after every crash.
  ACKNOWLEDGED,
  /// Nobody, caller or agent, is told what is not on disk.
  DURABLE_READS,
  /// A restart loads exactly what was decided up to some revision, and nothing older than anybody
  /// has seen.
  RELOAD,
  /// A task begins on an ACTIVE instance of its cluster, not on one that is DRAINING, on the one it
  /// was wanted on if that was said, on one of its capacity provider if it has one, and from an
  /// ACTIVE definition.
  PLACED,
  /// No task waits for capacity that is there, and none fails for want of capacity that it may wait
  /// for.
  WAITING,
  /// A task is wanted STOPPED only if somebody asked for that, or for the end of its instance, or
  /// if its agent reported an end: an instance that is DRAINING keeps the tasks it has.
  KEPT_RUNNING,
  /// A task begins with the tags that were asked for, its definition's if they are propagated, and
  /// ECS's own if they are enabled. Tags change only as calls ask. What is over has none: a deleted
  /// cluster, a deregistered instance, a task that StopTask stops.
  TAGS,
  /// One request makes one set of tasks, however often it is repeated with its client token.
  ONE_TOKEN,
  /// A container is made at most once for each container of a task, and started at most once; but
  /// an engine may make one when its agent has given that up and is done with another.
  CREATED_ONCE,
  /// An agent removes only images that it brought, and none that a container uses.
  IMAGES_KEPT,
  /// Nothing of a task runs or starts once its end was reported.
  STOPPED_IS_OVER,
  /// What an agent reports of a container is what its engine knows.
  TRUE_REPORTS,
  /// The numbers of the messages to an instance rise, across crashes too.
  MESSAGE_NUMBERS,
  /// Nothing throws, nothing answers with an internal error, no agent gives up.
  NO_FAULT,
  /// Two runs of one seed do the same at the same times, and end with the same State on disk.
  SAME_SEED,

  /// Every agent is connected.
  CONNECTED,
  /// Every instance is known to be healthy, as its engine is.
  HEALTH,
  /// Every task is where it is wanted, or waits.
  DESIRED_STATUS,
  /// No container runs that State does not want, and every one runs that it wants.
  NOTHING_EXTRA,
  /// Every line that a container wrote is in its log stream, once, in order.
  LOGS_COMPLETE,
  /// When all tasks are over and their time is up, no container and no task file is left.
  CLEAN
}
