package dev.gantry.agent;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// An image that this agent has pulled.
///
/// @param id the engine's content id, `sha256:...`
/// @param names the names it was pulled by and has still, canonical ([ImageReference#canonical]);
///   none once the last of them has gone over to another image
/// @param brought true if a pull changed what the engine has; false if it only found that the
///   engine was up to date, so that the image was brought by somebody else
/// @param pulledAt when it was first pulled, or last brought
/// @param usedAt when it was last pulled, or a task that names it last came to its end
record PulledImage(
    String id, List<String> names, boolean brought, Instant pulledAt, Instant usedAt) {

  PulledImage {
    names = List.copyOf(names);
  }

  PulledImage with(String name) {
    if (names.contains(name)) {
      return this;
    }
    List<String> more = new ArrayList<>(names);
    more.add(name);
    return new PulledImage(id, more, brought, pulledAt, usedAt);
  }

  PulledImage without(String name) {
    List<String> fewer = new ArrayList<>(names);
    fewer.remove(name);
    return new PulledImage(id, fewer, brought, pulledAt, usedAt);
  }

  PulledImage broughtAt(Instant now) {
    return new PulledImage(id, names, true, now, usedAt);
  }

  PulledImage usedAt(Instant now) {
    return new PulledImage(id, names, brought, pulledAt, now);
  }
}
