package dev.gantry.agent;

/// A published port as the engine made it.
///
/// @param bindIp the host address, `0.0.0.0` for all
/// @param protocol `tcp` or `udp`
record PortBinding(String bindIp, int containerPort, int hostPort, String protocol) {}
