package dev.gantry.agent.docker;

import dev.gantry.agent.ContainerRuntime;
import dev.gantry.agent.GoDuration;
import dev.gantry.agent.ImageReference;
import dev.gantry.agent.docker.EngineApi.Target;
import dev.gantry.agent.docker.EngineHttp.Exchange;
import dev.gantry.agent.docker.EngineHttp.Lane;
import dev.gantry.agent.docker.EngineHttp.Limits;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The agent's container runtime, on a Docker Engine (API 1.40 and later, so Docker 19.03 and
/// later).
///
/// Nothing is asked of the engine before the first call. The time limits are those of Amazon's
/// agent (its `dockerclient/timeout.go` and configuration defaults), so that a task waits as long
/// here as there. A failure's text is the engine's own, introduced by `Error response from daemon:`
/// as Docker's client does it; errors in a pull's progress come without, as they do there.
public final class DockerContainerRuntime implements ContainerRuntime {
  /// How long a sign of life may take.
  static final Duration PING_LIMIT = Duration.ofSeconds(2);

  /// How long `info`, image inspection and other look-ups may take.
  static final Duration LOOKUP_LIMIT = Duration.ofSeconds(30);

  /// How long a container's inspection may take.
  static final Duration INSPECT_LIMIT = Duration.ofSeconds(30);

  /// How long a list of containers may take.
  static final Duration LIST_LIMIT = Duration.ofMinutes(10);

  /// How long a pull may take in all.
  static final Duration PULL_LIMIT = Duration.ofHours(2);

  /// How long a pull may take until the engine begins to report progress.
  static final Duration PULL_BEGIN_LIMIT = Duration.ofMinutes(5);

  /// How long a pull may go without a sign of progress after that.
  static final Duration PULL_INACTIVITY_LIMIT = Duration.ofMinutes(1);

  /// How long the engine may take to ask a registry for a manifest.
  static final Duration MANIFEST_LIMIT = Duration.ofMinutes(1);

  /// The limits of a pull: until it begins, in all, and without progress.
  private static final Limits PULL =
      new Limits(PULL_BEGIN_LIMIT, PULL_LIMIT, PULL_INACTIVITY_LIMIT);

  /// How long loading an image archive may take.
  static final Duration LOAD_LIMIT = Duration.ofMinutes(10);

  /// How long a container's creation may take.
  static final Duration CREATE_LIMIT = Duration.ofMinutes(4);

  /// How long a container's start may take.
  static final Duration START_LIMIT = Duration.ofMinutes(3);

  /// How much longer than its grace a stop may take: the kill, and the engine's own tidying.
  static final Duration STOP_MARGIN = Duration.ofMinutes(2);

  /// Longest grace that is passed on.
  static final Duration MAX_GRACE = Duration.ofDays(1);

  /// How long a container's or image's removal may take.
  static final Duration REMOVE_LIMIT = Duration.ofMinutes(5);

  /// The engine's answer to a start of what runs and to a stop of what does not.
  private static final int ALREADY_SO = 304;

  private static final Logger LOG = LoggerFactory.getLogger(DockerContainerRuntime.class);

  private final EngineApi api;
  private final DockerConfig config;
  private final Limits pullLimits;

  /// A runtime on this engine. Cheap: nothing is connected yet.
  ///
  /// @param config where pulls find the credentials of registries
  public DockerContainerRuntime(DockerEndpoint endpoint, DockerConfig config) {
    this(endpoint, config, PULL);
  }

  /// A runtime whose pulls have limits of their own.
  DockerContainerRuntime(DockerEndpoint endpoint, DockerConfig config, Limits pullLimits) {
    this.api = new EngineApi(endpoint);
    this.config = config;
    this.pullLimits = pullLimits;
  }

  @Override
  public void ping() throws RuntimeFailure {
    api.ping(PING_LIMIT);
  }

  @Override
  public EngineInfo info() throws RuntimeFailure {
    Json info = api.get("/info", LOOKUP_LIMIT);
    return new EngineInfo(
        info.at("ID").text(),
        info.at("ServerVersion").text(),
        api.version().toString(),
        (int) info.at("NCPU").integer(0),
        info.at("MemTotal").integer(0),
        info.at("OSType").text(),
        info.at("Architecture").text(),
        List.copyOf(info.at("Plugins").at("Log").texts()));
  }

  @Override
  public @Nullable ImageInfo inspectImage(String image) throws RuntimeFailure {
    ImageReference reference = ImageReference.parse(image);
    Json found = image(reference);
    return found == null ? null : info(reference, found);
  }

  /// The image as the engine shows it, or null if it is not there.
  private @Nullable Json image(ImageReference reference) throws RuntimeFailure {
    try {
      return api.get(new Target("/images").image(reference).then("/json").toString(), LOOKUP_LIMIT);
    } catch (RuntimeFailure e) {
      if (e.kind() == RuntimeFailure.Kind.NOT_FOUND) {
        return null;
      }
      throw e;
    }
  }

  @Override
  public Pulled pullImage(String image) throws RuntimeFailure {
    ImageReference reference = ImageReference.parse(image);
    Optional<String> before = idBefore(reference);
    Map<String, String> login = new TreeMap<>();
    String auth = config.registryAuth(reference.registry());
    if (auth != null) {
      login.put("X-Registry-Auth", auth);
    }
    try {
      pull(reference, login);
    } catch (RuntimeFailure e) {
      throw atManifest(reference, login, EngineErrors.ofPull(e));
    }
    Json found = image(reference);
    if (found == null) {
      throw new RuntimeFailure(
          RuntimeFailure.Kind.NOT_FOUND,
          "The engine pulled " + image + " and does not know it afterwards",
          null);
    }
    ImageInfo pulled = info(reference, found);
    boolean brought = before.isPresent() && !before.get().equals(pulled.id());
    return new Pulled(pulled, brought, brought && hasNoOtherName(found, reference));
  }

  /// The id of the image that the engine has by this name, an empty one if it has none, or nothing
  /// if it does not say: then the pull says what is wrong, or the image is taken for somebody
  /// else's.
  private Optional<String> idBefore(ImageReference reference) throws RuntimeFailure {
    try {
      Json found = image(reference);
      return Optional.of(found == null ? "" : found.at("Id").text());
    } catch (RuntimeFailure e) {
      return switch (e.kind()) {
        case NOT_FOUND, CONFLICT, UNAUTHORIZED, REFUSED -> Optional.empty();
        case TIMEOUT, UNREACHABLE, INTERRUPTED -> throw e;
      };
    }
  }

  private static ImageInfo info(ImageReference reference, Json image) {
    return new ImageInfo(
        image.at("Id").text(), reference.digestAmong(image.at("RepoDigests").texts()));
  }

  private static boolean hasNoOtherName(Json image, ImageReference reference) {
    String own = ImageReference.canonical(reference.written());
    return image.at("RepoTags").texts().stream()
            .allMatch(tag -> ImageReference.canonical(tag).equals(own))
        && image.at("RepoDigests").texts().stream()
            .allMatch(digest -> reference.digestAmong(List.of(digest)) != null);
  }

  private void pull(ImageReference reference, Map<String, String> login) throws RuntimeFailure {
    Target target =
        new Target("/images/create")
            .query("fromImage", reference.name())
            .query("tag", reference.wanted());
    long begun = System.nanoTime();
    Exchange exchange;
    try {
      exchange = api.open(Lane.LONG, "POST", target.toString(), login, null, pullLimits);
    } catch (RuntimeFailure e) {
      throw e.kind() == RuntimeFailure.Kind.TIMEOUT
          ? pullTimeout("pullBegin", pullLimits.head(), e)
          : e;
    }
    Duration total = Objects.requireNonNull(pullLimits.total());
    try (exchange) {
      awaitProgress(exchange);
    } catch (RuntimeFailure e) {
      if (e.kind() != RuntimeFailure.Kind.TIMEOUT) {
        throw e;
      }
      // The words of Amazon's agent for either limit; it tries again only after this one.
      boolean quiet = System.nanoTime() - begun < total.toNanos();
      throw quiet
          ? new RuntimeFailure(
              RuntimeFailure.Kind.REFUSED,
              "inactivity time exceeded timeout while pulling image",
              e)
          : pullTimeout("pulled", total, e);
    }
  }

  private static RuntimeFailure pullTimeout(String transition, Duration limit, Exception cause) {
    return new RuntimeFailure(
        RuntimeFailure.Kind.TIMEOUT,
        "Could not transition to "
            + transition
            + "; timed out after waiting "
            + GoDuration.of(limit),
        cause);
  }

  /// Says of a failed pull whether the image's manifest is to blame, by asking for that alone.
  /// Amazon's agent asks before each pull; asking afterwards tells the same and spares every pull
  /// that succeeds a round trip.
  private RuntimeFailure atManifest(
      ImageReference reference, Map<String, String> login, RuntimeFailure failure) {
    boolean answered =
        switch (failure.kind()) {
          case NOT_FOUND, CONFLICT, UNAUTHORIZED, REFUSED -> true;
          case TIMEOUT, UNREACHABLE, INTERRUPTED -> false;
        };
    if (reference.digest() != null || !answered) {
      return failure;
    }
    Target target = new Target("/distribution").image(reference).then("/json");
    try (Exchange exchange =
        api.open(Lane.LONG, "GET", target.toString(), login, null, Limits.call(MANIFEST_LIMIT))) {
      exchange.readAll();
      return failure;
    } catch (RuntimeFailure e) {
      RuntimeFailure manifest = EngineErrors.ofPull(e);
      return switch (manifest.kind()) {
        case NOT_FOUND, CONFLICT, UNAUTHORIZED, REFUSED ->
            new RuntimeFailure(manifest.kind(), text(manifest), failure, true);
        case TIMEOUT, UNREACHABLE, INTERRUPTED -> failure;
      };
    }
  }

  /// Loads an image archive, as `docker save` and [ImageMaker] make them.
  public void loadImage(byte[] archive) throws RuntimeFailure {
    try (Exchange exchange =
        api.open(
            Lane.LONG,
            "POST",
            new Target("/images/load").query("quiet", "1").toString(),
            Map.of("Content-Type", "application/x-tar"),
            archive,
            Limits.call(LOAD_LIMIT))) {
      awaitProgress(exchange);
    }
  }

  /// Gives an image of the engine's store another name, as `name:tag`.
  public void tagImage(String image, String newName) throws RuntimeFailure {
    ImageReference named = ImageReference.parse(newName);
    api.call(
        Lane.SHORT,
        "POST",
        new Target("/images")
            .image(ImageReference.parse(image))
            .then("/tag")
            .query("repo", named.name())
            .query("tag", named.wanted())
            .toString(),
        null,
        Limits.call(LOOKUP_LIMIT));
  }

  @Override
  public Set<String> usedImages() throws RuntimeFailure {
    Json listed = api.get(new Target("/containers/json").query("all", "1").toString(), LIST_LIMIT);
    Set<String> used = new TreeSet<>();
    for (Json container : listed.list()) {
      used.add(container.at("ImageID").text());
    }
    return used;
  }

  @Override
  public void removeImage(String imageId, @Nullable String name) throws RuntimeFailure {
    Json found = image(ImageReference.parse(name == null ? imageId : name));
    if (found == null || !found.at("Id").text().equals(imageId)) {
      return;
    }
    if (name != null) {
      removeImage(name);
    } else if (found.at("RepoTags").texts().isEmpty()) {
      removeImage(imageId);
    }
  }

  /// Takes a name off an image, and with the last name the image. An unknown one is no failure.
  public void removeImage(String image) throws RuntimeFailure {
    Target target = new Target("/images").image(ImageReference.parse(image));
    try {
      api.call(Lane.LONG, "DELETE", target.toString(), null, Limits.call(REMOVE_LIMIT));
    } catch (RuntimeFailure e) {
      if (e.kind() != RuntimeFailure.Kind.NOT_FOUND) {
        throw e;
      }
    }
  }

  /// Reads an answer that is a stream of progress, and throws what went wrong in it.
  private static void awaitProgress(Exchange exchange) throws RuntimeFailure {
    String error = "";
    try {
      JsonLines lines = new JsonLines(exchange.body());
      for (Json line = lines.next(); line != null; line = lines.next()) {
        if (line.at("error") instanceof Json.Text(String text) && error.isEmpty()) {
          error = text;
        }
      }
    } catch (IOException e) {
      throw exchange.failure(e);
    }
    if (!error.isEmpty()) {
      throw EngineErrors.ofProgress(error);
    }
  }

  @Override
  public String createContainer(ContainerSpec spec) throws RuntimeFailure {
    byte[] answer =
        api.call(
            Lane.LONG,
            "POST",
            new Target("/containers/create").query("name", spec.name()).toString(),
            CreateBody.of(spec),
            Limits.call(CREATE_LIMIT));
    Json created = EngineApi.json(answer, "The engine's answer to a create is not JSON");
    for (String warning : created.at("Warnings").texts()) {
      LOG.info("Container {}: {}", spec.name(), warning);
    }
    String id = created.at("Id").text();
    if (id.isEmpty()) {
      throw new RuntimeFailure(
          RuntimeFailure.Kind.REFUSED, "The engine created a container without an id", null);
    }
    return id;
  }

  @Override
  public void startContainer(String containerId) throws RuntimeFailure {
    int status;
    try (Exchange exchange =
        api.open(
            Lane.LONG,
            "POST",
            Target.container(containerId).then("/start").toString(),
            Map.of(),
            null,
            Limits.call(START_LIMIT))) {
      status = exchange.status();
      exchange.readAll();
    } catch (RuntimeFailure e) {
      // Engines also answer 404 for what the container needs: a network, a command.
      if (e.kind() == RuntimeFailure.Kind.NOT_FOUND && !isNoSuchContainer(e)) {
        throw new RuntimeFailure(RuntimeFailure.Kind.REFUSED, text(e), e);
      }
      throw e;
    }
    if (status == ALREADY_SO) {
      // Somebody's earlier start, of which no event may tell any more how it ended.
      withItsEnd(containerId);
    }
  }

  private static boolean isNoSuchContainer(RuntimeFailure e) {
    return text(e).startsWith(EngineErrors.PREFIX + "No such container");
  }

  private static String text(RuntimeFailure e) {
    String text = e.getMessage();
    return text == null ? "" : text;
  }

  @Override
  public void stopContainer(String containerId, Duration grace) throws RuntimeFailure {
    long seconds = graceSeconds(grace);
    api.call(
        Lane.LONG,
        "POST",
        Target.container(containerId).then("/stop").query("t", Long.toString(seconds)).toString(),
        null,
        Limits.call(STOP_MARGIN.plusSeconds(seconds)));
  }

  /// The grace in the engine's unit, whole seconds, never shorter than asked for. A negative one
  /// would mean "wait for ever" to the engine.
  static long graceSeconds(Duration grace) {
    if (grace.isNegative()) {
      throw new IllegalArgumentException("negative grace: " + grace);
    }
    Duration bounded = grace.compareTo(MAX_GRACE) > 0 ? MAX_GRACE : grace;
    return bounded.toSeconds() + (bounded.toNanosPart() > 0 ? 1 : 0);
  }

  @Override
  public @Nullable ContainerStatus inspectContainer(String containerId) throws RuntimeFailure {
    try {
      return ContainerMapping.status(withItsEnd(containerId));
    } catch (RuntimeFailure e) {
      if (e.kind() == RuntimeFailure.Kind.NOT_FOUND) {
        return null;
      }
      throw e;
    }
  }

  /// The container as the engine shows it, which is made to look if it missed an end.
  ///
  /// An engine that is killed in the middle of a start hears of the start from containerd when it
  /// is back. If the container ended in between, the news of its end may come first, mean nothing
  /// to the engine, and be dropped: it then shows a container that runs, without a time of its
  /// start and without a process, for ever (seen with 20.10, about once in ten kills under load).
  /// Asked to stop such a container it looks, and knows the true exit code.
  private Json withItsEnd(String containerId) throws RuntimeFailure {
    String target = Target.container(containerId).then("/json").toString();
    Json container = api.get(target, INSPECT_LIMIT);
    if (!ContainerMapping.runsSinceNobodyKnows(container) || hasProcesses(containerId)) {
      return container;
    }
    LOG.warn("The engine missed the end of container {} and is made to look", containerId);
    stopContainer(containerId, Duration.ZERO);
    return api.get(target, INSPECT_LIMIT);
  }

  private boolean hasProcesses(String containerId) throws RuntimeFailure {
    try {
      String target = Target.container(containerId).then("/top").toString();
      return !api.get(target, INSPECT_LIMIT).at("Processes").list().isEmpty();
    } catch (RuntimeFailure e) {
      if (e.kind() == RuntimeFailure.Kind.CONFLICT) {
        // It has noticed by now.
        return false;
      }
      if (e.kind() == RuntimeFailure.Kind.REFUSED) {
        LOG.warn("Whether container {} has processes is not known: {}", containerId, text(e));
        return true;
      }
      throw e;
    }
  }

  @Override
  public void removeContainer(String containerId) throws RuntimeFailure {
    try {
      api.call(
          Lane.LONG,
          "DELETE",
          Target.container(containerId).query("v", "1").query("force", "0").toString(),
          null,
          Limits.call(REMOVE_LIMIT));
    } catch (RuntimeFailure e) {
      // Somebody else's removal that is under way is as good as ours.
      boolean gone =
          e.kind() == RuntimeFailure.Kind.NOT_FOUND
              || (e.kind() == RuntimeFailure.Kind.CONFLICT
                  && text(e).endsWith("is already in progress"));
      if (!gone) {
        throw e;
      }
    }
  }

  @Override
  public List<ContainerStatus> listContainers(Map<String, String> labels) throws RuntimeFailure {
    Json listed =
        api.get(
            new Target("/containers/json")
                .query("all", "1")
                .query("filters", Filters.of(labels).toString())
                .toString(),
            LIST_LIMIT);
    // The list knows neither exit codes nor times, so each one is inspected as well.
    List<ContainerStatus> containers = new ArrayList<>();
    for (Json entry : listed.list()) {
      ContainerStatus status = inspectContainer(entry.at("Id").text());
      if (status != null) {
        containers.add(status);
      }
    }
    return containers;
  }

  @Override
  public Watch watch(Map<String, String> labels, EventListener listener) {
    EventWatch watch = new EventWatch(api, labels, listener);
    watch.start();
    return watch;
  }

  @Override
  public Watch followLogs(String containerId, @Nullable Instant since, LogListener listener) {
    LogFollow follow = new LogFollow(api, containerId, since, listener);
    follow.start();
    return follow;
  }

  @Override
  public Exec exec(String containerId, ExecSpec spec, ExecListener listener) {
    DockerExec exec = new DockerExec(api, containerId, spec, listener, true);
    exec.start();
    return exec;
  }

  @Override
  public void close() {
    api.close();
  }
}
