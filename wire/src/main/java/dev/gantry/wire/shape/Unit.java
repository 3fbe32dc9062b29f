package dev.gantry.wire.shape;

import org.jspecify.annotations.Nullable;

/// The input or output of an operation that has none. It has no members and is `{}` in JSON.
public record Unit() {
  /// The only value there needs to be.
  public static final Unit UNIT = new Unit();

  /// The descriptor.
  public static final Structure<Unit> SHAPE = new Shape();

  private static final class Shape extends Structure<Unit> {
    Shape() {
      super("Unit");
    }

    @Override
    public @Nullable Object get(Unit value, int index) {
      throw noMember(index);
    }

    @Override
    public Unit create(@Nullable Object[] values) {
      return UNIT;
    }
  }
}
