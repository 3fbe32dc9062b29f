/// What is true: [State][dev.gantry.store.State] with its indexes, the ports
/// [Journal][dev.gantry.store.Journal] and [LogStore][dev.gantry.store.LogStore] that remember it,
/// and the [RecordCodec][dev.gantry.store.RecordCodec] that spells a record as JSON.
///
/// Nothing here knows who decides, asks a clock, or draws a random number. SQL lives in
/// `dev.gantry.store.jdbc`, which only the wiring may import. `docs/internals/store.md` is the page
/// to read first.
@NullMarked
package dev.gantry.store;

import org.jspecify.annotations.NullMarked;
