package dev.gantry.wire.auth;

/// Who a verified request comes from.
///
/// @param account the 12-digit account id
/// @param arn the caller's ARN, as `arn:aws:iam::000000000000:root`
public record Principal(String account, String arn) {}
