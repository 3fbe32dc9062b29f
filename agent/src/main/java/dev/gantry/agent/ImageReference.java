package dev.gantry.agent;

import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import dev.gantry.agent.ContainerRuntime.RuntimeFailure.Kind;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// An image name as people write it, taken apart: `[registry/]repository[:tag][@digest]`.
///
/// @param written the whole reference
/// @param name everything before tag and digest, as written
/// @param tag null if none was written
/// @param digest `sha256:...`, null if none was written
public record ImageReference(
    String written, String name, @Nullable String tag, @Nullable String digest) {
  /// Longest reference that is taken; Docker's own limit on the name is 255.
  public static final int MAX_LENGTH = 1024;

  // What may stand in a reference at all. The engine knows the full grammar; here it is enough
  // that nothing can leave its place in a request's path.
  private static final Pattern HARMLESS =
      Pattern.compile("[A-Za-z0-9\\[][A-Za-z0-9._:@\\[\\]-]*(/[A-Za-z0-9][A-Za-z0-9._:@-]*)*");

  private static final String DOCKER_HUB = "docker.io";

  /// Takes a reference apart.
  ///
  /// @throws RuntimeFailure NOT_FOUND, in the words of Docker's client, if it cannot be one
  public static ImageReference parse(String image) throws RuntimeFailure {
    if (image.length() > MAX_LENGTH || !HARMLESS.matcher(image).matches()) {
      throw new RuntimeFailure(Kind.NOT_FOUND, "invalid reference format", null, true);
    }
    String rest = image;
    String digest = null;
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = rest.substring(at + 1);
      rest = rest.substring(0, at);
    }
    String tag = null;
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      tag = rest.substring(colon + 1);
      rest = rest.substring(0, colon);
    }
    return new ImageReference(image, rest, tag, digest);
  }

  /// The one spelling of all names of the same image: registry and repository in full, and the
  /// digest, else the tag, `latest` if none was written. What cannot be a reference stays as it is.
  public static String canonical(String image) {
    try {
      ImageReference reference = parse(image);
      String wanted = reference.wanted();
      return reference.repository() + (reference.digest == null ? ":" : "@") + wanted;
    } catch (RuntimeFailure _) {
      return image;
    }
  }

  /// What a pull asks for: the digest, else the tag, else `latest`.
  public String wanted() {
    return digest != null ? digest : tag != null ? tag : "latest";
  }

  /// The registry's host, with its port if one was written. A first part with a dot, a colon or the
  /// name `localhost` is a registry; anything else is on Docker Hub.
  public String registry() {
    int slash = name.indexOf('/');
    if (slash > 0) {
      String first = name.substring(0, slash);
      if (first.contains(".") || first.contains(":") || first.equals("localhost")) {
        return first.equals("index.docker.io") ? DOCKER_HUB : first;
      }
    }
    return DOCKER_HUB;
  }

  /// The repository with its registry, so that `busybox` and `docker.io/library/busybox` are one.
  String repository() {
    String registry = registry();
    int slash = name.indexOf('/');
    boolean registryIsWritten =
        slash > 0 && (name.startsWith(registry + "/") || name.startsWith("index.docker.io/"));
    String path = registryIsWritten ? name.substring(slash + 1) : name;
    if (registry.equals(DOCKER_HUB) && !path.contains("/")) {
      path = "library/" + path;
    }
    return registry + "/" + path;
  }

  /// The digest under which this reference's own repository knows an image.
  ///
  /// @param repoDigests the engine's `RepoDigests`: `repository@sha256:...`, one per repository
  ///   that the image was pulled from
  /// @return null if none is of this repository
  public @Nullable String digestAmong(List<String> repoDigests) {
    for (String repoDigest : repoDigests) {
      ImageReference candidate;
      try {
        candidate = parse(repoDigest);
      } catch (RuntimeFailure notOurs) {
        continue;
      }
      if (candidate.digest != null && candidate.repository().equals(repository())) {
        return candidate.digest;
      }
    }
    return null;
  }
}
