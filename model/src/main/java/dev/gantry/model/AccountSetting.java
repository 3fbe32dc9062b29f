package dev.gantry.model;

/// The value that an account setting was given for one principal (Amazon ECS API Reference,
/// Setting). A setting that nobody gave a value has no record.
public record AccountSetting(AccountSettingId id, String value) implements Entity {}
