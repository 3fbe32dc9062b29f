package dev.gantry.control;

import dev.gantry.control.ecs.Quotas;
import dev.gantry.control.logs.LogQuotas;

/// The quotas of every service of one installation.
///
/// @param ecs those of Amazon ECS
/// @param logs those of CloudWatch Logs
public record ServiceQuotas(Quotas ecs, LogQuotas logs) {
  /// What AWS grants everybody.
  public static final ServiceQuotas DEFAULTS =
      new ServiceQuotas(Quotas.DEFAULTS, LogQuotas.DEFAULTS);

  /// What this quota is.
  public int value(AdjustableQuota quota) {
    return quota.read(this);
  }

  /// These quotas with one of them set, whether that raises or lowers it.
  ///
  /// @throws IllegalArgumentException if the value is not one from 1 to [AdjustableQuota#MAX]
  public ServiceQuotas with(AdjustableQuota quota, int value) {
    if (value < 1 || value > AdjustableQuota.MAX) {
      throw new IllegalArgumentException(quota.text() + " goes from 1 to " + AdjustableQuota.MAX);
    }
    return quota.write(this, value);
  }
}
