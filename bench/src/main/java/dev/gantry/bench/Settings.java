package dev.gantry.bench;

import java.time.Duration;
import java.util.List;

/// How much is measured.
///
/// @param warmUpCalls RunTask calls that are not counted
/// @param calls RunTask calls that are
/// @param warmUpStarts tasks that are not counted
/// @param starts tasks that are
/// @param warmUpLoad load before any is counted
/// @param window one stretch of load
/// @param windows stretches of each kind of load, in turn
/// @param launches starts of Gantry of each kind
/// @param bursts rounds of simultaneous calls
/// @param hold how long many tasks are held while their cost is counted
/// @param rest how long a process rests before its memory is read
/// @param fleets how many hosts the clusters of many hosts have
/// @param changes how often each thing is done in each of those
record Settings(
    int warmUpCalls,
    int calls,
    int warmUpStarts,
    int starts,
    Duration warmUpLoad,
    Duration window,
    int windows,
    int launches,
    int bursts,
    Duration hold,
    Duration rest,
    List<Integer> fleets,
    int changes) {
  static final Settings FULL =
      new Settings(
          300,
          500,
          3,
          20,
          Duration.ofSeconds(15),
          Duration.ofSeconds(5),
          4,
          10,
          5,
          Duration.ofSeconds(30),
          Duration.ofSeconds(60),
          List.of(1_000, 5_000),
          100);

  static final Settings QUICK =
      new Settings(
          100,
          200,
          2,
          15,
          Duration.ofSeconds(12),
          Duration.ofSeconds(3),
          2,
          5,
          2,
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          List.of(5_000),
          30);
}
