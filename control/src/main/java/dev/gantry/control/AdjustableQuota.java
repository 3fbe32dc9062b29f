package dev.gantry.control;

import dev.gantry.control.logs.LogQuotas;
import org.jspecify.annotations.Nullable;

/// The quotas that whoever runs an installation may set: those that AWS lets a customer have raised
/// (Service Quotas, `Adjustable`; the quotas page of CloudWatch Logs). Every other limit is the
/// same for everybody on AWS, and so it is here.
///
/// The names are those of Service Quotas, in small letters and with hyphens.
public enum AdjustableQuota {
  /// `Clusters per account` (L-21C621EB).
  CLUSTERS("clusters-per-account", "ACTIVE clusters of an account in a region") {
    @Override
    int read(ServiceQuotas quotas) {
      return quotas.ecs().clusters();
    }

    @Override
    ServiceQuotas write(ServiceQuotas quotas, int value) {
      return new ServiceQuotas(quotas.ecs().withClusters(value), quotas.logs());
    }
  },
  /// `Log groups` of CloudWatch Logs.
  LOG_GROUPS("log-groups", "log groups of an account in a region") {
    @Override
    int read(ServiceQuotas quotas) {
      return quotas.logs().groups();
    }

    @Override
    ServiceQuotas write(ServiceQuotas quotas, int value) {
      return new ServiceQuotas(quotas.ecs(), new LogQuotas(value));
    }
  };

  /// The largest value that can be set. Beyond it the lists of one account would no longer fit the
  /// memory of one control plane.
  public static final int MAX = 10_000_000;

  private final String text;
  private final String meaning;

  AdjustableQuota(String text, String meaning) {
    this.text = text;
    this.meaning = meaning;
  }

  /// Its name on the command line.
  public String text() {
    return text;
  }

  /// What it limits, for people.
  public String meaning() {
    return meaning;
  }

  /// The quota of that name, or null.
  public static @Nullable AdjustableQuota named(String text) {
    for (AdjustableQuota quota : values()) {
      if (quota.text.equals(text)) {
        return quota;
      }
    }
    return null;
  }

  abstract int read(ServiceQuotas quotas);

  abstract ServiceQuotas write(ServiceQuotas quotas, int value);
}
