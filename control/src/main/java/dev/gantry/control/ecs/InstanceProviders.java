package dev.gantry.control.ecs;

import dev.gantry.model.Attribute;
import dev.gantry.model.CapacityProvider;
import dev.gantry.model.CapacityProviderId;
import dev.gantry.model.Cluster;
import dev.gantry.model.ClusterId;
import dev.gantry.model.ContainerInstance;
import dev.gantry.store.State;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Which capacity provider the container instances of one cluster belong to.
///
/// On AWS an Auto Scaling group knows its instances. Here an instance names its group in a custom
/// attribute, and belongs to the provider of that group, if the provider is associated with the
/// instance's cluster (docs/decisions/0020-groups-are-attributes.md). It is derived each time and
/// never stored, so that an attribute that is put, and a provider that is associated, act at once.
final class InstanceProviders {
  /// The attribute whose value is the name of the instance's Auto Scaling group.
  static final String GROUP_ATTRIBUTE = "gantry.auto-scaling-group";

  private final SortedMap<String, String> providers = new TreeMap<>();

  private InstanceProviders() {}

  static InstanceProviders of(State state, ClusterId id) {
    InstanceProviders all = new InstanceProviders();
    Cluster cluster = state.cluster(id);
    if (cluster != null) {
      for (String name : cluster.capacityProviders()) {
        CapacityProvider provider =
            state.capacityProvider(new CapacityProviderId(id.scope(), name));
        if (provider != null && provider.isActive()) {
          all.providers.put(provider.groupName(), name);
        }
      }
    }
    return all;
  }

  /// The name of the instance's provider, or null if it has none.
  @Nullable String of(ContainerInstance instance) {
    for (Attribute attribute : instance.attributes()) {
      if (attribute.name().equals(GROUP_ATTRIBUTE)) {
        return providers.get(attribute.value());
      }
    }
    return null;
  }
}
