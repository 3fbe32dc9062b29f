package dev.gantry.control.ecs;

import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.wire.shape.ServiceException;
import java.math.BigDecimal;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The size of a task, given as a number or as a number with its unit: `512`, `.5 vCPU`, `1GB`
/// (RegisterTaskDefinition, Amazon ECS API Reference).
final class Amounts {
  private static final int MAX_TEXT = 32;

  private Amounts() {}

  /// In cpu units, of which 1,024 are one vCPU; null if nothing is given.
  ///
  /// @throws ServiceException ClientException, worded as ECS words it (Invalid CPU or memory value
  ///   specified, Amazon ECS Developer Guide)
  static @Nullable Integer cpuUnits(@Nullable String given) {
    return amount(given, "cpu", "vcpu");
  }

  /// In MiB; null if nothing is given.
  ///
  /// @throws ServiceException ClientException, likewise
  static @Nullable Integer memoryMiB(@Nullable String given) {
    return amount(given, "memory", "gb");
  }

  private static @Nullable Integer amount(@Nullable String given, String field, String unit) {
    if (given == null || given.isEmpty()) {
      return null;
    }
    String text = given.strip().toLowerCase(Locale.ROOT);
    boolean inUnits = text.endsWith(unit);
    String digits =
        inUnits ? text.substring(0, text.length() - unit.length()).stripTrailing() : text;
    if (digits.length() <= MAX_TEXT && digits.chars().allMatch(c -> isDigit(c) || c == '.')) {
      try {
        BigDecimal number = new BigDecimal(digits);
        int amount = (inUnits ? number.multiply(BigDecimal.valueOf(1024)) : number).intValueExact();
        if (amount > 0) {
          return amount;
        }
      } catch (ArithmeticException | NumberFormatException notAnAmount) {
        // Falls through to the one answer that every bad amount gets.
      }
    }
    throw EcsErrors.clientException("Invalid '" + field + "' setting for task.");
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }
}
