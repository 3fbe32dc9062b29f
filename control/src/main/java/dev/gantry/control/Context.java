package dev.gantry.control;

import dev.gantry.model.Scope;
import dev.gantry.wire.RequestHead;
import dev.gantry.wire.auth.Principal;
import java.time.Instant;

/// Everything about a call besides its input.
///
/// @param scope the name space the call acts in: the caller's account, the credential's region
/// @param now the moment of the call; nothing else tells the time
/// @param head the request as it came, for the `Host` it was sent to
public record Context(Scope scope, Principal principal, Instant now, RequestHead head) {}
