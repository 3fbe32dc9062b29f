package dev.gantry.agent;

import dev.gantry.agent.AgentEffect.ListUsedImages;
import dev.gantry.agent.AgentEffect.Note;
import dev.gantry.agent.AgentEffect.RemoveImage;
import dev.gantry.agent.ContainerRuntime.Pulled;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Knows the images that this agent has pulled, and removes those that it brought to the host and
/// nothing has needed for a while.
///
/// Goals, in order: nothing is taken from anybody else; no task loses an image that it is about to
/// run; the disk does not fill up.
///
/// Constraints: only names that a pull of this agent brought are ever taken off an image, and one
/// without a name is removed only if it came to the host by this agent; not while any container of
/// the engine uses it, whoever made it, nor while a task is held that names it; a container of an
/// image that is being removed waits until it is settled. Rounds, ages and numbers are those of
/// Amazon's agent ([ImageCleanup]), and like there no round begins under
/// [PullBehaviour#PREFER_CACHED].
///
/// What is known is on disk, in the instance file, a few seconds later: what a fall takes from it
/// is an image that stays until it is pulled again.
final class ImageDesk {

  /// More images than this are not remembered: the one that was used the longest ago is forgotten,
  /// and stays. With the names of all of them the instance file stays far below its limit.
  static final int MAX_IMAGES = 250;

  private static final String TIMER = "images";

  /// Who needs images.
  interface Users {
    /// The canonical names of the images of all tasks that are held, ended ones included.
    Set<String> imagesNamed();

    /// True if a container is on its way to being made.
    boolean anyUnborn();

    /// A removal is over: whoever waited for it may go on.
    void imagesSettled();
  }

  /// One round of removals.
  ///
  /// @param inUse the ids of the images that containers of the engine use
  /// @param tried the ids of those that were tried
  private record Round(Set<String> inUse, Set<String> tried) {}

  private final Kernel kernel;
  private final AgentSettings settings;
  private final Runnable changed;
  private final Map<String, PulledImage> images = new LinkedHashMap<>();
  private List<String> beingRemoved = List.of();
  private boolean cleaning;

  /// @param changed is called when [#pulled()] changed
  ImageDesk(Kernel kernel, AgentSettings settings, Runnable changed) {
    this.kernel = kernel;
    this.settings = settings;
    this.changed = changed;
  }

  /// Every image that is known, in no order that matters.
  List<PulledImage> pulled() {
    return new ArrayList<>(images.values());
  }

  /// How many of them this agent would remove in time.
  int removable() {
    return (int) images.values().stream().filter(PulledImage::removable).count();
  }

  void restore(List<PulledImage> saved) {
    saved.forEach(image -> images.put(image.id(), image));
  }

  /// True if this agent has pulled an image by this name, and knows of no other that has it now.
  boolean hasPulled(String image) {
    String name = ImageReference.canonical(image);
    return images.values().stream().anyMatch(known -> known.names().contains(name));
  }

  /// True while the image of this name is being removed.
  boolean isBeingRemoved(String image) {
    return !beingRemoved.isEmpty() && beingRemoved.contains(ImageReference.canonical(image));
  }

  /// A pull has succeeded.
  void pulled(String image, Pulled pulled) {
    String name = ImageReference.canonical(image);
    String id = pulled.image().id();
    Instant now = kernel.now();
    for (PulledImage other : pulled()) {
      if (!other.id().equals(id) && other.names().contains(name)) {
        lose(other.id(), name);
      }
    }
    PulledImage known = images.get(id);
    PulledImage before =
        known != null ? known : new PulledImage(id, List.of(), List.of(), pulled.alone(), now, now);
    images.put(id, pulled.brought() ? before.brought(name, now) : before.found(name, now));
    if (images.size() > MAX_IMAGES) {
      images.remove(leastUsed(images.values()).id());
    }
    changed.run();
  }

  /// A name is no longer this image's. An image without one is still to be removed if it is here
  /// because of this agent.
  private void lose(String id, String name) {
    images.computeIfPresent(
        id,
        (_, image) -> {
          PulledImage left = image.without(name);
          return left.names().isEmpty() && !left.removable() ? null : left;
        });
  }

  /// A task that names this image is over and forgotten.
  void released(String image) {
    String name = ImageReference.canonical(image);
    for (PulledImage known : pulled()) {
      if (known.names().contains(name)) {
        images.put(known.id(), known.usedAt(kernel.now()));
        changed.run();
      }
    }
  }

  private static PulledImage leastUsed(Collection<PulledImage> among) {
    return Collections.min(among, Comparator.comparing(PulledImage::usedAt));
  }

  // ---- removing ---------------------------------------------------------------------------------

  /// Begins to clean up, unless the settings say that images stay; the first round is one interval
  /// later.
  void begin(Users users) {
    if (settings.cleansImages()) {
      kernel.timers.set(
          TIMER,
          kernel.now().plus(settings.imageCleanup().interval()),
          () -> {
            begin(users);
            round(users);
          });
    }
  }

  private void round(Users users) {
    if (cleaning || images.values().stream().noneMatch(this::due)) {
      return;
    }
    cleaning = true;
    kernel.request(
        ListUsedImages::new,
        answer -> {
          if (answer instanceof AgentEvent.UsedImagesListed(long _, Set<String> inUse)) {
            removeNext(new Round(inUse, new LinkedHashSet<>()), users);
          } else {
            cleaning = false;
            kernel.note(Note.Level.WARNING, "no image is cleaned up this time: " + failure(answer));
          }
        });
  }

  private boolean due(PulledImage image) {
    Instant from = image.pulledAt().plus(settings.imageCleanup().minimumAge());
    return image.removable() && from.isBefore(kernel.now());
  }

  private void removeNext(Round round, Users users) {
    PulledImage next = next(round, users);
    if (next == null) {
      cleaning = false;
      return;
    }
    round.tried().add(next.id());
    beingRemoved = next.brought();
    remove(
        next.id(),
        next.brought(),
        () -> {
          beingRemoved = List.of();
          users.imagesSettled();
          removeNext(round, users);
        });
  }

  private @Nullable PulledImage next(Round round, Users users) {
    if (round.tried().size() == settings.imageCleanup().perCycle()) {
      return null;
    }
    Set<String> named = users.imagesNamed();
    boolean unborn = users.anyUnborn();
    List<PulledImage> candidates = new ArrayList<>();
    for (PulledImage image : images.values()) {
      // Who is on the way to a container may be about to pull it by a name that it lost.
      boolean wanted =
          image.names().isEmpty() ? unborn : image.names().stream().anyMatch(named::contains);
      if (due(image)
          && !wanted
          && !round.inUse().contains(image.id())
          && !round.tried().contains(image.id())) {
        candidates.add(image);
      }
    }
    return candidates.isEmpty() ? null : leastUsed(candidates);
  }

  /// Takes one name after the other off the image, and with the last one the image.
  private void remove(String id, List<String> names, Runnable then) {
    String name = names.isEmpty() ? null : names.getFirst();
    kernel.request(
        request -> new RemoveImage(request, id, name),
        answer -> {
          if (!(answer instanceof AgentEvent.ImageRemoved)) {
            kernel.note(Note.Level.INFO, "image " + shown(id, name) + " stays: " + failure(answer));
            // Others are tried before it from now on.
            images.computeIfPresent(id, (_, image) -> image.usedAt(kernel.now()));
            changed.run();
            then.run();
            return;
          }
          kernel.note(
              Note.Level.INFO, "image " + shown(id, name) + " is removed: nothing used it lately");
          PulledImage left = images.get(id);
          if (left != null) {
            PulledImage rest = name == null ? left : left.without(name);
            if (rest.names().isEmpty()) {
              images.remove(id);
            } else {
              images.put(id, rest);
            }
          }
          changed.run();
          List<String> others = names.isEmpty() ? names : names.subList(1, names.size());
          if (others.isEmpty()) {
            then.run();
          } else {
            remove(id, others, then);
          }
        });
  }

  private static String shown(String id, @Nullable String name) {
    return name == null ? id : name;
  }

  private static String failure(AgentEvent answer) {
    if (answer instanceof AgentEvent.EngineFailed failed) {
      return failed.message();
    }
    throw Kernel.unexpected("an engine request was answered by", answer);
  }
}
