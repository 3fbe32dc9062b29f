/// What exists: immutable records, ids, ARNs and sealed states.
///
/// Every id begins with a [Scope], (account, region), so that no look-up can cross from one name
/// space into another. Nothing here knows JSON, HTTP, SQL, or how AWS spells an error.
@NullMarked
package dev.gantry.model;

import org.jspecify.annotations.NullMarked;
