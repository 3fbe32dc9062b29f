package dev.gantry.control.logs;

import dev.gantry.control.OperationTable;

/// The operations of CloudWatch Logs that are carried out.
public final class LogOperations {
  private LogOperations() {}

  /// Registers them all.
  public static void register(OperationTable table) {
    LogGroupOperations.register(table);
    LogTagOperations.register(table);
    LogStreamOperations.register(table);
    LogResourcePolicyOperations.register(table);
    LogEventOperations.register(table);
    LiveTailOperations.register(table);
  }
}
