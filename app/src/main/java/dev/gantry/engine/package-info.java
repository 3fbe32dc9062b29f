/// A Docker Engine for this host: finding one, and on a machine that has none installing or
/// starting it, or telling a person exactly how to.
///
/// [EnginePlanner][dev.gantry.engine.EnginePlanner] decides and touches nothing;
/// [EngineBootstrap][dev.gantry.engine.EngineBootstrap] looks, asks it, and does one step at a
/// time.
@NullMarked
package dev.gantry.engine;

import org.jspecify.annotations.NullMarked;
