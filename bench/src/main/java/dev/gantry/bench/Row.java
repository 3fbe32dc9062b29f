package dev.gantry.bench;

/// One line of the table.
///
/// @param what what was measured
/// @param measured the figures
/// @param floor what it is compared with, and its figure from the same run
/// @param relation how the two relate
/// @param reach what we want
/// @param reached whether that was so this time
record Row(
    String what, String measured, String floor, String relation, String reach, boolean reached) {}
