package dev.gantry.cli;

import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads a cluster on the command line, so that a name that no cluster can have is refused before
/// anything starts. What an ARN names is for the control plane to say.
final class ClusterConverter implements ITypeConverter<String> {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]{1,255}");

  @Override
  public String convert(String text) {
    if (text.startsWith("arn:")) {
      return text;
    }
    if (!NAME.matcher(text).matches()) {
      throw new TypeConversionException(
          "'" + text + "' is no name of a cluster: 1 to 255 letters, digits, - and _");
    }
    return text;
  }
}
