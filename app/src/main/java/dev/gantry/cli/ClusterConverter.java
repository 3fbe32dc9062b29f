package dev.gantry.cli;

import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads a cluster on the command line, so that a name that no cluster can have is refused before
/// anything starts. Whether an ARN names a cluster that is there is for the control plane to say.
final class ClusterConverter implements ITypeConverter<String> {
  private static final Pattern NAME =
      Pattern.compile("(arn:[a-z-]+:ecs:[a-z0-9-]+:[0-9]{12}:cluster/)?[a-zA-Z0-9_-]{1,255}");

  @Override
  public String convert(String text) {
    if (!NAME.matcher(text).matches()) {
      throw new TypeConversionException(
          "'"
              + text
              + "' is no name of a cluster: 1 to 255 letters, digits, - and _; nor an ARN with one");
    }
    return text;
  }
}
