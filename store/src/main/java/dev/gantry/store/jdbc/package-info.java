/// The adapters that keep the journal and the log events in SQL databases. Only the wiring imports
/// this package. Drivers are found through `DriverManager`, so nothing here is compiled against
/// one.
///
/// Threads live here and not in the ports: one writer for each store, which gathers what waits into
/// one transaction, and a few readers for log events.
@NullMarked
package dev.gantry.store.jdbc;

import org.jspecify.annotations.NullMarked;
