/// AWS Signature Version 4, both sides, and who a key belongs to.
@NullMarked
package dev.gantry.wire.auth;

import org.jspecify.annotations.NullMarked;
