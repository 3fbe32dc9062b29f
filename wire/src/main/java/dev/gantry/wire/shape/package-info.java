/// Descriptors of wire shapes: what the generated code of the `api` room tells the protocol codecs
/// about each structure, operation and service. One descriptor serves every protocol, both
/// directions, and validation.
@NullMarked
package dev.gantry.wire.shape;

import org.jspecify.annotations.NullMarked;
