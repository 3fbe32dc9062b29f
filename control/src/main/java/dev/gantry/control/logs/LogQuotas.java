package dev.gantry.control.logs;

/// How much of CloudWatch Logs' resources there may be, beside the limits that stand with their
/// operations because nobody can raise them.
///
/// @param groups the most log groups of an account in a region
public record LogQuotas(int groups) {
  /// What AWS grants everybody (CloudWatch Logs quotas).
  public static final LogQuotas DEFAULTS = new LogQuotas(1_000_000);

  /// @throws IllegalArgumentException if a quota is not positive
  public LogQuotas {
    if (groups < 1) {
      throw new IllegalArgumentException("a quota of nothing allows nothing");
    }
  }
}
