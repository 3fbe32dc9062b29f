package dev.gantry.store;

import dev.gantry.model.AccountSetting;
import dev.gantry.model.AccountSettingId;
import dev.gantry.model.CapacityProvider;
import dev.gantry.model.CapacityProviderId;
import dev.gantry.model.Change;
import dev.gantry.model.ClientToken;
import dev.gantry.model.ClientTokenId;
import dev.gantry.model.Cluster;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstance;
import dev.gantry.model.ContainerInstanceId;
import dev.gantry.model.Entity;
import dev.gantry.model.EntityId;
import dev.gantry.model.EntityKind;
import dev.gantry.model.LogGroup;
import dev.gantry.model.LogGroupId;
import dev.gantry.model.LogResourcePolicy;
import dev.gantry.model.LogResourcePolicyId;
import dev.gantry.model.LogStream;
import dev.gantry.model.LogStreamId;
import dev.gantry.model.Task;
import dev.gantry.model.TaskDefinition;
import dev.gantry.model.TaskDefinitionId;
import dev.gantry.model.TaskFamily;
import dev.gantry.model.TaskFamilyId;
import dev.gantry.model.TaskId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Everything that is true at one moment: all records, and the [Index]es over them. Immutable, so a
/// reader on any thread sees one consistent whole for as long as it holds it; the next State shares
/// with this one all that did not change.
///
/// The single writer makes a new State with [#apply]; there is no other way to change anything.
/// Everything iterates in the order of ids, which is the same in every run.
public final class State {

  private static final EnumMap<EntityKind, List<Index<?, ?, ?>>> INDEXES = indexesByKind();
  private static final State EMPTY = of(0, List.of());

  private final long revision;

  /// The records of each kind, by their ids.
  private final EnumMap<EntityKind, OrderedMap<?, ?>> records;

  /// The ids in each index, by their group.
  private final EnumMap<Index.Name, OrderedMap<?, ?>> groups;

  private State(
      long revision,
      EnumMap<EntityKind, OrderedMap<?, ?>> records,
      EnumMap<Index.Name, OrderedMap<?, ?>> groups) {
    this.revision = revision;
    this.records = records;
    this.groups = groups;
  }

  private static EnumMap<EntityKind, List<Index<?, ?, ?>>> indexesByKind() {
    EnumMap<EntityKind, List<Index<?, ?, ?>>> byKind = new EnumMap<>(EntityKind.class);
    for (EntityKind kind : EntityKind.values()) {
      byKind.put(kind, Index.ALL.stream().filter(index -> index.kind().name() == kind).toList());
    }
    return byKind;
  }

  private static List<Index<?, ?, ?>> indexesOf(EntityKind kind) {
    return Objects.requireNonNull(INDEXES.get(kind));
  }

  /// The State of a store in which nothing has happened yet, at revision 0.
  public static State empty() {
    return EMPTY;
  }

  /// A whole State at once, as a restart loads it: sorts each map's keys once and builds it without
  /// rebalancing.
  ///
  /// @param revision the revision of the last change
  /// @param entities in any order
  /// @throws IllegalArgumentException if two of them have the same id
  public static State of(long revision, Collection<? extends Entity> entities) {
    EnumMap<EntityKind, List<Entity>> byKind = new EnumMap<>(EntityKind.class);
    for (EntityKind kind : EntityKind.values()) {
      byKind.put(kind, new ArrayList<>());
    }
    for (Entity entity : entities) {
      Objects.requireNonNull(byKind.get(entity.id().kind())).add(entity);
    }
    EnumMap<EntityKind, OrderedMap<?, ?>> records = new EnumMap<>(EntityKind.class);
    EnumMap<Index.Name, OrderedMap<?, ?>> groups = new EnumMap<>(Index.Name.class);
    byKind.forEach((kind, list) -> {
      list.sort(Comparator.comparing(Entity::id));
      records.put(kind, OrderedMap.ofSorted(list.stream().map(Entity::id).toList(), list));
      for (Index<?, ?, ?> index : indexesOf(kind)) {
        groups.put(index.name(), groupAll(index, list));
      }
    });
    return new State(revision, records, groups);
  }

  private static <G extends Comparable<? super G>> OrderedMap<G, OrderedSet<EntityId>> groupAll(
      Index<G, ?, ?> index, List<Entity> sorted) {
    SortedMap<G, List<EntityId>> members = new TreeMap<>();
    for (Entity entity : sorted) {
      G group = index.groupOf(entity);
      if (group != null) {
        members.computeIfAbsent(group, _ -> new ArrayList<>()).add(entity.id());
      }
    }
    return OrderedMap.ofSorted(
        List.copyOf(members.keySet()),
        members.values().stream().map(OrderedSet::ofSorted).toList());
  }

  /// How many changes led to this State. Each change has the revision that it led to.
  public long revision() {
    return revision;
  }

  /// The State after these changes, in their order; its revision is higher by their number. A
  /// removal of what is not there changes nothing but the revision.
  public State apply(List<Change> changes) {
    EnumMap<EntityKind, OrderedMap<?, ?>> newRecords = records.clone();
    EnumMap<Index.Name, OrderedMap<?, ?>> newGroups = groups.clone();
    for (Change change : changes) {
      EntityId id = change.id();
      EntityKind kind = id.kind();
      OrderedMap<EntityId, Entity> before = map(newRecords, kind);
      Entity old = before.get(id);
      Entity now =
          switch (change) {
            case Change.Put(Entity entity) -> entity;
            case Change.Remove _ -> null;
          };
      newRecords.put(kind, now == null ? before.remove(id) : before.put(id, now));
      for (Index<?, ?, ?> index : indexesOf(kind)) {
        move(index, newGroups, id, old, now);
      }
    }
    return new State(revision + changes.size(), newRecords, newGroups);
  }

  /// Takes a record out of the group it was in, and puts it into the one it belongs to now.
  private static <G extends Comparable<? super G>> void move(
      Index<G, ?, ?> index,
      EnumMap<Index.Name, OrderedMap<?, ?>> groups,
      EntityId id,
      @Nullable Entity old,
      @Nullable Entity now) {
    G from = old == null ? null : index.groupOf(old);
    G to = now == null ? null : index.groupOf(now);
    if (from == null ? to == null : to != null && from.compareTo(to) == 0) {
      return;
    }
    OrderedMap<G, OrderedSet<EntityId>> result = map(groups, index.name());
    if (from != null) {
      OrderedSet<EntityId> rest = members(result, from).remove(id);
      result = rest.isEmpty() ? result.remove(from) : result.put(from, rest);
    }
    if (to != null) {
      result = result.put(to, members(result, to).add(id));
    }
    groups.put(index.name(), result);
  }

  private static <G> OrderedSet<EntityId> members(
      OrderedMap<G, OrderedSet<EntityId>> map, G group) {
    OrderedSet<EntityId> set = map.get(group);
    return set == null ? OrderedSet.empty() : set;
  }

  /// All records of a kind.
  public <I extends EntityId, E extends Entity> OrderedMap<I, E> all(Kind<I, E> kind) {
    return map(records, kind.name());
  }

  /// The record of an id of any kind, or null if there is none.
  public @Nullable Entity get(EntityId id) {
    OrderedMap<EntityId, Entity> map = map(records, id.kind());
    return map.get(id);
  }

  /// The records in one group of an index; empty if nothing is in that group.
  public <G extends Comparable<? super G>, I extends EntityId, E extends Entity> Group<I, E> group(
      Index<G, I, E> index, G group) {
    OrderedSet<I> ids = groups(index).get(group);
    return new Group<>(ids == null ? noIds() : ids, all(index.kind()));
  }

  /// The records in the group of an index that two things name; empty if nothing is in that group.
  public <
          A extends Comparable<? super A>,
          B extends Comparable<? super B>,
          I extends EntityId,
          E extends Entity>
      Group<I, E> group(Index<Pair<A, B>, I, E> index, A first, B second) {
    return group(index, new Pair<>(first, second));
  }

  /// All groups of an index that are not empty, in order.
  public <G extends Comparable<? super G>, I extends EntityId> OrderedMap<G, OrderedSet<I>> groups(
      Index<G, I, ?> index) {
    return map(groups, index.name());
  }

  /// The cluster of that id, or null.
  public @Nullable Cluster cluster(ClusterId id) {
    return all(Kind.CLUSTER).get(id);
  }

  /// The family of that id, or null.
  public @Nullable TaskFamily taskFamily(TaskFamilyId id) {
    return all(Kind.TASK_FAMILY).get(id);
  }

  /// The task definition of that id, or null.
  public @Nullable TaskDefinition taskDefinition(TaskDefinitionId id) {
    return all(Kind.TASK_DEFINITION).get(id);
  }

  /// The container instance of that id, or null.
  public @Nullable ContainerInstance containerInstance(ContainerInstanceId id) {
    return all(Kind.CONTAINER_INSTANCE).get(id);
  }

  /// The task of that id, or null.
  public @Nullable Task task(TaskId id) {
    return all(Kind.TASK).get(id);
  }

  /// What is remembered of that client token, or null.
  public @Nullable ClientToken clientToken(ClientTokenId id) {
    return all(Kind.CLIENT_TOKEN).get(id);
  }

  /// The account setting of that id, or null if it was never given a value.
  public @Nullable AccountSetting accountSetting(AccountSettingId id) {
    return all(Kind.ACCOUNT_SETTING).get(id);
  }

  /// The capacity provider of that id, or null.
  public @Nullable CapacityProvider capacityProvider(CapacityProviderId id) {
    return all(Kind.CAPACITY_PROVIDER).get(id);
  }

  /// The log group of that id, or null.
  public @Nullable LogGroup logGroup(LogGroupId id) {
    return all(Kind.LOG_GROUP).get(id);
  }

  /// The resource policy of that id, or null.
  public @Nullable LogResourcePolicy logResourcePolicy(LogResourcePolicyId id) {
    return all(Kind.LOG_RESOURCE_POLICY).get(id);
  }

  /// The log stream of that id, or null.
  public @Nullable LogStream logStream(LogStreamId id) {
    return all(Kind.LOG_STREAM).get(id);
  }

  /// How many records there are of all kinds.
  public int size() {
    int size = 0;
    for (OrderedMap<?, ?> map : records.values()) {
      size += map.size();
    }
    return size;
  }

  /// SHA-256, in hexadecimal, over the revision and the stored form of every record. Two runs of
  /// the simulator with one seed must end with the same digest; so must a State and what a restart
  /// loads. Takes time in proportion to the State: for tests and checks, not for each change.
  public String digest(RecordCodec codec) {
    MessageDigest sha256;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java runtime has SHA-256", e);
    }
    sha256.update(Long.toString(revision).getBytes(StandardCharsets.UTF_8));
    for (EntityKind kind : EntityKind.values()) {
      for (Entity record : all(Kind.of(kind)).values()) {
        String line = "\n" + record.id() + "\n" + codec.encode(record);
        sha256.update(line.getBytes(StandardCharsets.UTF_8));
      }
    }
    return HexFormat.of().formatHex(sha256.digest());
  }

  /// States are equal when they have the same revision and equal records; the indexes follow.
  @Override
  public boolean equals(@Nullable Object object) {
    return object instanceof State other
        && revision == other.revision
        && records.equals(other.records);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(revision) * 31 + records.hashCode();
  }

  /// The revision and the number of records, not the records.
  @Override
  public String toString() {
    return "State at revision " + revision + " with " + size() + " records";
  }

  /// Checks that each index says of the records what it would say if it were made anew; for tests.
  ///
  /// @throws IllegalStateException if one does not
  void check() {
    List<Entity> everything = new ArrayList<>();
    for (EntityKind kind : EntityKind.values()) {
      all(Kind.of(kind)).check();
      all(Kind.of(kind)).values().forEach(everything::add);
    }
    State anew = of(revision, everything);
    for (Index<?, ?, ?> index : Index.ALL) {
      groups(index).check();
      if (!groups(index).equals(anew.groups(index))) {
        throw new IllegalStateException("The index " + index + " does not fit the records");
      }
    }
  }

  private static <I extends Comparable<? super I>> OrderedSet<I> noIds() {
    return OrderedSet.empty();
  }

  /// The maps of all kinds, or of all indexes, stand together, so the compiler has lost their
  /// types; the [Kind] or [Index] whose name is asked for knows them. Maps are immutable: nothing
  /// of a wrong type can be put in through the result.
  @SuppressWarnings("unchecked")
  private static <N extends Enum<N>, K, V> OrderedMap<K, V> map(
      EnumMap<N, OrderedMap<?, ?>> maps, N name) {
    return (OrderedMap<K, V>) Objects.requireNonNull(maps.get(name));
  }
}
