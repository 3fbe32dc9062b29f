package dev.gantry.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.gantry.agent.ContainerRuntime.RuntimeFailure;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
  @ParameterizedTest
  @CsvSource({
    "busybox,                        busybox,                latest, docker.io,       docker.io/library/busybox",
    "busybox:1.36,                   busybox,                1.36,   docker.io,       docker.io/library/busybox",
    "docker.io/busybox,              docker.io/busybox,      latest, docker.io,       docker.io/library/busybox",
    "index.docker.io/library/x:1,    index.docker.io/library/x, 1,   docker.io,       docker.io/library/x",
    "team/app:v1,                    team/app,               v1,     docker.io,       docker.io/team/app",
    "localhost/app,                  localhost/app,          latest, localhost,       localhost/app",
    "registry:5000/app,              registry:5000/app,      latest, registry:5000,   registry:5000/app",
    "registry:5000/a/b:v@sha256:00,  registry:5000/a/b,      sha256:00, registry:5000, registry:5000/a/b",
    "r.example/a@sha256:00,          r.example/a,            sha256:00, r.example,    r.example/a",
    "[::1]:5000/app:1,               [::1]:5000/app,         1,      [::1]:5000,      [::1]:5000/app",
  })
  void partsAreTold(String image, String name, String wanted, String registry, String repository)
      throws RuntimeFailure {
    ImageReference reference = ImageReference.parse(image);
    assertThat(reference.name()).isEqualTo(name);
    assertThat(reference.wanted()).isEqualTo(wanted);
    assertThat(reference.registry()).isEqualTo(registry);
    assertThat(reference.repository()).isEqualTo(repository);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "/a", "a/", "a//b", "a/../b", "..", "a b", "a?b", "a#b", "a%2fb", "a\nb"})
  void whatCouldLeaveItsPlaceInAPathIsRefused(String image) {
    assertThatExceptionOfType(RuntimeFailure.class)
        .isThrownBy(() -> ImageReference.parse(image))
        .withMessage("invalid reference format");
  }

  @Test
  void digestIsThatOfTheReferencesOwnRepository() throws RuntimeFailure {
    List<String> digests =
        List.of("<none>@<none>", "mirror.example/library/busybox@sha256:11", "busybox@sha256:22");
    assertThat(ImageReference.parse("docker.io/library/busybox:1").digestAmong(digests))
        .isEqualTo("sha256:22");
    assertThat(ImageReference.parse("mirror.example/library/busybox").digestAmong(digests))
        .isEqualTo("sha256:11");
    assertThat(ImageReference.parse("other").digestAmong(digests)).isNull();
    assertThat(ImageReference.parse("sha256:0123").digestAmong(digests)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "busybox,                         docker.io/library/busybox:latest",
    "docker.io/library/busybox:latest, docker.io/library/busybox:latest",
    "busybox:1,                       docker.io/library/busybox:1",
    "registry:5000/a/b,               registry:5000/a/b:latest",
    "r.example/a:v@sha256:00,         r.example/a@sha256:00",
    "UPPER CASE,                      UPPER CASE",
  })
  void oneImageHasOneCanonicalName(String image, String canonical) {
    assertThat(ImageReference.canonical(image)).isEqualTo(canonical);
    assertThat(ImageReference.canonical(canonical)).isEqualTo(canonical);
  }
}
