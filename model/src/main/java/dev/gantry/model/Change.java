package dev.gantry.model;

/// One step from a State to the next: a whole record takes its place, or goes.
public sealed interface Change {

  /// The id this change is about.
  EntityId id();

  /// The record stands from now on, in place of any with the same id.
  record Put(Entity entity) implements Change {
    @Override
    public EntityId id() {
      return entity.id();
    }
  }

  /// The record of that id is gone.
  record Remove(EntityId id) implements Change {}
}
