package dev.gantry.cli;

import dev.gantry.control.AdjustableQuota;
import dev.gantry.control.ServiceQuotas;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// What `--quota NAME=VALUE` says.
///
/// @param value from 1 to [AdjustableQuota#MAX]
record QuotaSetting(AdjustableQuota quota, int value) {

  /// Reads `NAME=VALUE`.
  ///
  /// @throws IllegalArgumentException if it is nothing that can be set; the message is for people
  static QuotaSetting parse(String text) {
    int equals = text.indexOf('=');
    if (equals < 0) {
      throw new IllegalArgumentException("'" + text + "' is not NAME=VALUE");
    }
    String name = text.substring(0, equals);
    AdjustableQuota quota = AdjustableQuota.named(name);
    if (quota == null) {
      throw new IllegalArgumentException(
          "there is no quota '" + name + "' to set; there are " + String.join(", ", names()));
    }
    String number = text.substring(equals + 1);
    // Digits alone: no sign, no letters of other scripts, and few enough for an int.
    if (number.matches("[0-9]{1,9}")) {
      int value = Integer.parseInt(number);
      if (value >= 1 && value <= AdjustableQuota.MAX) {
        return new QuotaSetting(quota, value);
      }
    }
    throw new IllegalArgumentException(
        "'" + number + "' is no number from 1 to " + AdjustableQuota.MAX + " for " + name);
  }

  /// Amazon's quotas with these set.
  ///
  /// @throws CommandFailure if one is set twice
  static ServiceQuotas all(List<QuotaSetting> settings) {
    ServiceQuotas quotas = ServiceQuotas.DEFAULTS;
    Set<AdjustableQuota> seen = new LinkedHashSet<>();
    for (QuotaSetting setting : settings) {
      if (!seen.add(setting.quota())) {
        throw new CommandFailure("--quota sets " + setting.quota().text() + " twice.");
      }
      quotas = quotas.with(setting.quota(), setting.value());
    }
    return quotas;
  }

  private static List<String> names() {
    List<String> names = new ArrayList<>();
    for (AdjustableQuota quota : AdjustableQuota.values()) {
      names.add(quota.text());
    }
    return names;
  }

  /// Reads the option.
  static final class Converter implements ITypeConverter<QuotaSetting> {
    @Override
    public QuotaSetting convert(String text) {
      try {
        return parse(text);
      } catch (IllegalArgumentException wrong) {
        throw new TypeConversionException(String.valueOf(wrong.getMessage()));
      }
    }
  }

  /// What can be set, as `--help` lists it.
  static final class Candidates implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      List<String> lines = new ArrayList<>();
      for (AdjustableQuota quota : AdjustableQuota.values()) {
        lines.add(
            quota.text()
                + " ("
                + quota.meaning()
                + "; "
                + ServiceQuotas.DEFAULTS.value(quota)
                + ")");
      }
      return lines.iterator();
    }
  }
}
