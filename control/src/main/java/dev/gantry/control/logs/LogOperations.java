package dev.gantry.control.logs;

import dev.gantry.control.OperationTable;

/// The operations of CloudWatch Logs that are carried out.
public final class LogOperations {
  private LogOperations() {}

  /// Registers them all, with Amazon's quotas.
  public static void register(OperationTable table) {
    register(table, LogQuotas.DEFAULTS);
  }

  /// Registers them all.
  ///
  /// @param quotas how much of each resource there may be
  public static void register(OperationTable table, LogQuotas quotas) {
    LogGroupOperations.register(table, quotas);
    LogTagOperations.register(table);
    LogStreamOperations.register(table);
    LogResourcePolicyOperations.register(table);
    LogEventOperations.register(table);
    LiveTailOperations.register(table);
  }
}
