package dev.gantry.model;

/// A container port and the host port that leads to it.
///
/// @param protocol `tcp` or `udp`
public record NetworkBinding(String bindIp, int containerPort, int hostPort, String protocol) {}
