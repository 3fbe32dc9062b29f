package dev.gantry.model;

/// Why a task was stopped; the first reason stands.
public record TaskStop(StopCode code, String reason) {}
