package dev.gantry.model;

/// One part of a capacity provider strategy: which provider, and its share (Amazon ECS API
/// Reference, CapacityProviderStrategyItem).
///
/// @param capacityProvider the provider's name
/// @param weight its share of what is left when every base is met, relative to the other weights
/// @param base how many tasks go to it before any weight counts
public record CapacityProviderStrategyItem(String capacityProvider, int weight, int base) {}
