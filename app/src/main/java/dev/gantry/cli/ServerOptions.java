package dev.gantry.cli;

import dev.gantry.cli.ServerLauncher.Authentication;
import dev.gantry.cli.ServerLauncher.ImagePull;
import picocli.CommandLine.Option;

/// Options that `up` and `run` share.
final class ServerOptions {

  @Option(
      names = "--image-pull",
      paramLabel = "WHEN",
      converter = ImagePullConverter.class,
      description =
          "When the agent asks a registry for an image: default, always, once or prefer-cached"
              + " (as ECS_IMAGE_PULL_BEHAVIOR). Default: prefer-cached.")
  ImagePull imagePull = ImagePull.PREFER_CACHED;

  @Option(
      names = "--no-install",
      description = "Never installs anything; says what is missing instead.")
  boolean noInstall;

  /// Reads Amazon's spelling, `prefer-cached`.
  static final class ImagePullConverter implements picocli.CommandLine.ITypeConverter<ImagePull> {
    @Override
    public ImagePull convert(String text) {
      for (ImagePull value : ImagePull.values()) {
        if (spelling(value).equals(text)) {
          return value;
        }
      }
      throw new picocli.CommandLine.TypeConversionException(
          "'" + text + "' is none of default, always, once, prefer-cached");
    }
  }

  /// Reads `sigv4` or `any`.
  static final class AuthenticationConverter
      implements picocli.CommandLine.ITypeConverter<Authentication> {
    @Override
    public Authentication convert(String text) {
      return switch (text) {
        case "sigv4" -> Authentication.SIGV4;
        case "any" -> Authentication.ANY;
        default ->
            throw new picocli.CommandLine.TypeConversionException(
                "'" + text + "' is neither sigv4 nor any");
      };
    }
  }

  private static String spelling(ImagePull value) {
    return switch (value) {
      case DEFAULT -> "default";
      case ALWAYS -> "always";
      case ONCE -> "once";
      case PREFER_CACHED -> "prefer-cached";
    };
  }
}
