package dev.gantry.agent;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// An image that this agent has pulled. All names are canonical ([ImageReference#canonical]).
///
/// @param id the engine's content id, `sha256:...`
/// @param names the names it was pulled by and has still, oldest first; none once the last of them
///   has gone over to another image
/// @param brought those of them that a pull of this agent brought to the host. A name that the
///   engine had for this image before is somebody else's.
/// @param alone true if the pull that first brought it left it without any name but that pull's
///   own: the image is on the host because of this agent
/// @param pulledAt when a pull last brought a name, or, if none did, first found it
/// @param usedAt when it was last pulled, when a task that names it last came to its end, or when
///   the engine last refused to remove it
record PulledImage(
    String id,
    List<String> names,
    List<String> brought,
    boolean alone,
    Instant pulledAt,
    Instant usedAt) {

  /// More names of one image are not remembered: the oldest is forgotten, and stays.
  static final int MAX_NAMES = 10;

  PulledImage {
    names = List.copyOf(names);
    brought = List.copyOf(brought);
  }

  /// True if there is something that may be removed: a name, or an image that has none any more.
  boolean removable() {
    return !brought.isEmpty() || (names.isEmpty() && alone);
  }

  PulledImage found(String name, Instant now) {
    PulledImage after = new PulledImage(id, with(names, name), brought, alone, pulledAt, now);
    return after.names.size() > MAX_NAMES ? after.without(after.names.getFirst()) : after;
  }

  PulledImage brought(String name, Instant now) {
    PulledImage after = found(name, now);
    return new PulledImage(id, after.names, with(after.brought, name), alone, now, now);
  }

  PulledImage without(String name) {
    return new PulledImage(
        id, without(names, name), without(brought, name), alone, pulledAt, usedAt);
  }

  PulledImage usedAt(Instant now) {
    return new PulledImage(id, names, brought, alone, pulledAt, now);
  }

  private static List<String> with(List<String> names, String name) {
    List<String> more = without(names, name);
    more.add(name);
    return more;
  }

  private static List<String> without(List<String> names, String name) {
    List<String> fewer = new ArrayList<>(names);
    fewer.remove(name);
    return fewer;
  }
}
