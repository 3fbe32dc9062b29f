package dev.gantry.wire.shape;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The descriptor of one structure shape and of the record that carries it: enough to encode,
/// decode and validate it in any protocol without reflection.
///
/// One subclass per shape is generated. It is made when its record is first used, and refers to
/// other structures only when asked, so an operation loads the shapes it meets and no others.
/// Members are numbered from 0 in the model's order; that number is their `index` everywhere.
///
/// @param <T> the generated record
public abstract class Structure<T> {
  private final String name;
  private final Member[] members;

  /// Open addressing by the names' hash codes: an index into `members` plus one, or 0 for nothing.
  /// At most half full, so that a miss ends soon.
  private final short[] slots;

  /// A structure with these members.
  ///
  /// @throws IllegalArgumentException if two members have the same name
  protected Structure(String name, Member... members) {
    this.name = name;
    this.members = members;
    int size = Integer.highestOneBit(Math.max(2, members.length) * 4 - 1);
    this.slots = new short[size];
    for (int i = 0; i < members.length; i++) {
      int slot = spread(members[i].name()) & size - 1;
      while (slots[slot] != 0) {
        if (members[slots[slot] - 1].name().equals(members[i].name())) {
          throw new IllegalArgumentException("two members " + members[i].name() + " in " + name);
        }
        slot = slot + 1 & size - 1;
      }
      slots[slot] = (short) (i + 1);
    }
  }

  /// A member that may be absent.
  protected static Member optional(String name, ValueType type) {
    return new Member(name, type, false);
  }

  /// A member that an input must have.
  protected static Member required(String name, ValueType type) {
    return new Member(name, type, true);
  }

  private static int spread(String name) {
    int hash = name.hashCode();
    return hash ^ hash >>> 15;
  }

  /// The shape's name in the model.
  public final String name() {
    return name;
  }

  /// How many members there are.
  public final int size() {
    return members.length;
  }

  /// The member at `index`.
  public final Member member(int index) {
    return members[index];
  }

  /// All members in the model's order.
  public final List<Member> members() {
    return List.of(members);
  }

  /// The index of the member of that wire name, or -1. Allocates nothing.
  public final int indexOf(String wireName) {
    int mask = slots.length - 1;
    for (int slot = spread(wireName) & mask; slots[slot] != 0; slot = slot + 1 & mask) {
      int index = slots[slot] - 1;
      if (members[index].name().equals(wireName)) {
        return index;
      }
    }
    return -1;
  }

  /// The value of the member at `index`, or null when it is absent.
  public abstract @Nullable Object get(T record, int index);

  /// A record of these values, one per member, null for absent.
  ///
  /// @throws ClassCastException if a value is not of its member's type
  public abstract T create(@Nullable Object[] values);

  /// The structure at the bottom of the type of the member at `index`: `X` for `X`, a list of `X`,
  /// or a map to lists of `X`.
  ///
  /// @throws IllegalArgumentException if there is none
  public Structure<?> target(int index) {
    throw noMember(index);
  }

  /// The values of the enum at the bottom of the type of the member at `index`.
  ///
  /// @throws IllegalArgumentException if there is none
  public List<String> enumValues(int index) {
    throw noMember(index);
  }

  /// What a generated method throws for an index it does not know.
  protected final IllegalArgumentException noMember(int index) {
    return new IllegalArgumentException("no such member of " + name + ": " + index);
  }

  @Override
  public final String toString() {
    return name;
  }
}
