package dev.gantry.control.ecs;

import dev.gantry.api.ecs.AutoScalingGroupProvider;
import dev.gantry.api.ecs.AutoScalingGroupProviderUpdate;
import dev.gantry.api.ecs.CreateCapacityProviderRequest;
import dev.gantry.api.ecs.CreateCapacityProviderResponse;
import dev.gantry.api.ecs.DeleteCapacityProviderRequest;
import dev.gantry.api.ecs.DeleteCapacityProviderResponse;
import dev.gantry.api.ecs.DescribeCapacityProvidersRequest;
import dev.gantry.api.ecs.DescribeCapacityProvidersResponse;
import dev.gantry.api.ecs.Ecs;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.Failure;
import dev.gantry.api.ecs.UpdateCapacityProviderRequest;
import dev.gantry.api.ecs.UpdateCapacityProviderResponse;
import dev.gantry.control.Context;
import dev.gantry.control.Decision;
import dev.gantry.control.Head;
import dev.gantry.control.OperationTable;
import dev.gantry.control.Snapshot;
import dev.gantry.model.Arn;
import dev.gantry.model.CapacityProvider;
import dev.gantry.model.CapacityProvider.CapacityProviderStatus;
import dev.gantry.model.CapacityProvider.ManagedScaling;
import dev.gantry.model.CapacityProviderId;
import dev.gantry.model.Cluster;
import dev.gantry.model.Scope;
import dev.gantry.store.Index;
import dev.gantry.store.State;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Capacity providers of Auto Scaling groups: CreateCapacityProvider, DescribeCapacityProviders,
/// UpdateCapacityProvider, DeleteCapacityProvider.
///
/// There is no Auto Scaling here: a group is a name that container instances bear
/// ([InstanceProviders]), and its size is changed by whoever starts hosts. So every change is done
/// at once, and no provider is ever in one of the states on the way.
///
/// Where a text is Amazon's, the line says where it was seen; the others are made after them.
public final class CapacityProviderOperations {
  /// The most providers one DescribeCapacityProviders names (API Reference).
  static final int MAX_DESCRIBED = 100;

  /// The largest page of DescribeCapacityProviders (API Reference).
  static final int MAX_PAGE = 10;

  /// The longest ARN or name of an Auto Scaling group (AutoScalingGroupName is 255 at most, with an
  /// ARN's beginning before it).
  static final int MAX_GROUP = 1_600;

  private static final List<String> RESERVED_PREFIXES = List.of("aws", "ecs", "fargate");
  private static final String TAGS = "TAGS";
  private static final String ENABLED = "ENABLED";

  private final Quotas quotas;

  private CapacityProviderOperations(Quotas quotas) {
    this.quotas = quotas;
  }

  /// Registers the operations.
  public static void register(OperationTable table, Quotas quotas) {
    CapacityProviderOperations operations = new CapacityProviderOperations(quotas);
    table.command(Ecs.CREATE_CAPACITY_PROVIDER, operations::create);
    table.query(Ecs.DESCRIBE_CAPACITY_PROVIDERS, CapacityProviderOperations::describe);
    table.command(Ecs.UPDATE_CAPACITY_PROVIDER, CapacityProviderOperations::update);
    table.command(Ecs.DELETE_CAPACITY_PROVIDER, CapacityProviderOperations::delete);
  }

  private Decision<CreateCapacityProviderResponse> create(
      Head head, CreateCapacityProviderRequest input, Context context) {
    State state = head.state();
    Scope scope = context.scope();
    CapacityProviderId id = new CapacityProviderId(scope, requireName(input.name()));
    Refusals refusals = new Refusals();
    refusals.unlessAbsent(
        input.managedInstancesProvider(), "managedInstancesProvider (type MANAGED_INSTANCES)");
    refusals.check("CreateCapacityProvider");
    AutoScalingGroupProvider given = input.autoScalingGroupProvider();
    if (given == null) {
      throw EcsErrors.invalidParameterException("autoScalingGroupProvider cannot be empty.");
    }
    refuseCluster(input.cluster());
    String group = requireGroup(scope, given.autoScalingGroupArn());
    CapacityProvider provider =
        new CapacityProvider(
            id,
            CapacityProviderStatus.ACTIVE,
            group,
            scaling(given.managedScaling(), ManagedScaling.OFF),
            ENABLED.equals(given.managedTerminationProtection()),
            // Enabled unless it was turned off (AutoScalingGroupProvider, API Reference).
            !"DISABLED".equals(given.managedDraining()),
            null,
            null,
            context.now(),
            Tags.read(input.tags()),
            null);
    requireScaling(provider);
    if (CapacityProviders.find(state, scope, id.name()) != null) {
      // As users of Terraform report it.
      throw EcsErrors.clientException(
          "The specified capacity provider already exists. To change the configuration of an"
              + " existing capacity provider, update the capacity provider.");
    }
    int active = 0;
    for (CapacityProvider other : state.group(Index.CAPACITY_PROVIDERS, scope)) {
      active += other.isActive() ? 1 : 0;
      if (other.isActive() && other.groupName().equals(provider.groupName())) {
        // github.com/aws/containers-roadmap, issue 632.
        throw EcsErrors.clientException(
            "The specified Auto Scaling group ARN is already being used by another capacity"
                + " provider. Specify a unique Auto Scaling group ARN and try again.");
      }
    }
    if (active >= quotas.capacityProviders()) {
      throw EcsErrors.limitExceededException(
          "The maximum number of capacity providers in this account and region, "
              + quotas.capacityProviders()
              + ", has been reached.");
    }
    return Decision.put(
        CreateCapacityProviderResponse.builder().capacityProvider(show(provider, true)).build(),
        provider);
  }

  /// The text is Amazon's, as a page of nathanpeck/containers-on-aws quotes it.
  private static String requireName(@Nullable String name) {
    String lower = Objects.requireNonNullElse(name, "").toLowerCase(Locale.ROOT);
    if (name == null
        || !EcsIds.isName(name)
        || RESERVED_PREFIXES.stream().anyMatch(lower::startsWith)) {
      throw EcsErrors.clientException(
          "The specified capacity provider name is invalid. Up to 255 characters are allowed,"
              + " including letters (upper and lowercase), numbers, underscores, and hyphens. The"
              + " name cannot be prefixed with \"aws\", \"ecs\", or \"fargate\". Specify a valid"
              + " name and try again.");
    }
    return name;
  }

  /// Only a provider of managed instances belongs to a cluster by itself.
  private static void refuseCluster(@Nullable String cluster) {
    if (cluster != null) {
      throw EcsErrors.invalidParameterException(
          "A capacity provider that uses an Auto Scaling group belongs to no cluster. Use"
              + " PutClusterCapacityProviders to associate it with one, or to take it away.");
    }
  }

  /// The group as it was given. Its name is the value of an attribute of its instances; one that
  /// none could bear is refused, because its provider would stay empty for good.
  private static String requireGroup(Scope scope, @Nullable String given) {
    String group = Objects.requireNonNullElse(given, "");
    Arn arn = Arn.parse(group);
    if (arn != null) {
      EcsIds.requireOwn(scope, arn.account(), arn.region());
      if (!arn.service().equals("autoscaling")
          || !arn.resource().startsWith("autoScalingGroup:")
          || !arn.resource().contains(":autoScalingGroupName/")) {
        throw invalidGroup();
      }
    }
    if (group.isEmpty() || group.length() > MAX_GROUP) {
      throw invalidGroup();
    }
    if (!InstanceAttributes.isValue(CapacityProvider.groupName(group))) {
      throw EcsErrors.clientException(
          "The name of the specified Auto Scaling group cannot be the value of the attribute "
              + InstanceProviders.GROUP_ATTRIBUTE
              + " of its container instances: 1 to 128 letters, numbers, hyphens, underscores,"
              + " periods, at signs, slashes, colons, or spaces.");
    }
    return group;
  }

  private static ServiceException invalidGroup() {
    return EcsErrors.clientException(
        "The specified Auto Scaling group ARN is invalid. Specify a valid Auto Scaling group ARN"
            + " and try again.");
  }

  /// What is given over what there was. Whoever says anything of scaling gets the documented
  /// numbers for what he leaves out (ManagedScaling, API Reference).
  private static ManagedScaling scaling(
      dev.gantry.api.ecs.@Nullable ManagedScaling given, ManagedScaling before) {
    if (given == null) {
      return before;
    }
    String status = given.status();
    ManagedScaling after =
        new ManagedScaling(
            status == null ? before.enabled() : status.equals(ENABLED),
            number(given.targetCapacity(), before.targetCapacity(), 100),
            number(given.minimumScalingStepSize(), before.minimumScalingStepSize(), 1),
            number(given.maximumScalingStepSize(), before.maximumScalingStepSize(), 10_000),
            number(given.instanceWarmupPeriod(), before.instanceWarmupPeriodSeconds(), 300));
    if (Objects.requireNonNull(after.minimumScalingStepSize())
        > Objects.requireNonNull(after.maximumScalingStepSize())) {
      throw EcsErrors.clientException(
          "The managed scaling settings for the capacity provider are invalid. The minimum scaling"
              + " step size must not be greater than the maximum scaling step size.");
    }
    return after;
  }

  private static Integer number(@Nullable Integer given, @Nullable Integer before, int otherwise) {
    return given != null ? given : Objects.requireNonNullElse(before, otherwise);
  }

  /// The first sentence is Amazon's (github.com/aws/containers-roadmap, issue 653); the rule is
  /// that of AutoScalingGroupProvider.
  private static void requireScaling(CapacityProvider provider) {
    if (provider.managedTerminationProtection() && !provider.managedScaling().enabled()) {
      throw EcsErrors.clientException(
          "The managed termination protection setting for the capacity provider is invalid. To"
              + " enable managed termination protection for a capacity provider, managed scaling"
              + " must be enabled.");
    }
  }

  /// Without names all ACTIVE ones, or those of a cluster; by its name a deleted one too, for as
  /// long as it is remembered.
  private static DescribeCapacityProvidersResponse describe(
      Snapshot snapshot, DescribeCapacityProvidersRequest input, Context context) {
    State state = snapshot.state();
    Scope scope = context.scope();
    List<String> given = Objects.requireNonNullElse(input.capacityProviders(), List.of());
    if (given.size() > MAX_DESCRIBED) {
      throw EcsErrors.invalidParameterException(
          "capacityProviders can have at most " + MAX_DESCRIBED + " items.");
    }
    Cluster cluster =
        input.cluster() == null ? null : EcsIds.activeCluster(state, scope, input.cluster());
    TreeSet<String> names = new TreeSet<>();
    List<Failure> failures = new ArrayList<>();
    if (given.isEmpty()) {
      names.addAll(cluster == null ? all(state, scope) : cluster.capacityProviders());
    } else {
      for (String nameOrArn : new LinkedHashSet<>(given)) {
        String name = CapacityProviders.name(scope, nameOrArn);
        if (exists(state, scope, name)
            && (cluster == null || cluster.capacityProviders().contains(name))) {
          names.add(name);
        } else {
          failures.add(
              Failure.builder()
                  .arn(new CapacityProviderId(scope, name).arn())
                  .reason("MISSING")
                  .build());
        }
      }
    }
    String collection =
        Pages.collection(
            Ecs.DESCRIBE_CAPACITY_PROVIDERS.name(),
            String.join(",", given),
            cluster == null ? null : cluster.id().name());
    String after = Pages.after(input.nextToken(), collection);
    boolean tags = input.include() != null && input.include().contains(TAGS);
    Pages.Page<dev.gantry.api.ecs.CapacityProvider> page =
        Pages.take(
            after == null ? names : names.tailSet(after, false),
            Pages.size(input.maxResults(), MAX_PAGE),
            name -> exists(state, scope, name),
            name -> name,
            name -> show(state, scope, name, tags));
    return DescribeCapacityProvidersResponse.builder()
        .capacityProviders(page.items())
        .failures(after == null ? failures : List.of())
        .nextToken(page.nextToken(collection))
        .build();
  }

  private static List<String> all(State state, Scope scope) {
    List<String> all = new ArrayList<>(CapacityProviders.PREDEFINED);
    for (CapacityProvider provider : state.group(Index.CAPACITY_PROVIDERS, scope)) {
      if (provider.isActive()) {
        all.add(provider.id().name());
      }
    }
    return all;
  }

  private static boolean exists(State state, Scope scope, String name) {
    return CapacityProviders.PREDEFINED.contains(name)
        || state.capacityProvider(new CapacityProviderId(scope, name)) != null;
  }

  private static Decision<UpdateCapacityProviderResponse> update(
      Head head, UpdateCapacityProviderRequest input, Context context) {
    Refusals refusals = new Refusals();
    refusals.unlessAbsent(
        input.managedInstancesProvider(), "managedInstancesProvider (type MANAGED_INSTANCES)");
    refusals.check("UpdateCapacityProvider");
    CapacityProvider before = toChange(head.state(), context, input.name(), "updated");
    refuseCluster(input.cluster());
    AutoScalingGroupProviderUpdate given = input.autoScalingGroupProvider();
    if (given == null) {
      throw EcsErrors.invalidParameterException("autoScalingGroupProvider cannot be empty.");
    }
    String protection = given.managedTerminationProtection();
    String draining = given.managedDraining();
    CapacityProvider after =
        before.updated(
            scaling(given.managedScaling(), before.managedScaling()),
            protection == null ? before.managedTerminationProtection() : protection.equals(ENABLED),
            draining == null ? before.managedDraining() : draining.equals(ENABLED));
    requireScaling(after);
    if (after.managedScaling().enabled()
        && !before.managedScaling().enabled()
        && CapacityProviders.associatedWith(head.state(), before.id()).size() > 1) {
      throw EcsErrors.clientException(
          "The managed scaling settings for the capacity provider are invalid. A capacity provider"
              + " with managed scaling can be associated with one cluster only.");
    }
    UpdateCapacityProviderResponse response =
        UpdateCapacityProviderResponse.builder().capacityProvider(show(after, true)).build();
    return after.equals(before) ? Decision.answer(response) : Decision.put(response, after);
  }

  /// What is associated with a cluster stays, and says why it does: the call succeeds all the same,
  /// as Amazon's does (github.com/ekristen/aws-nuke, issue 540; the reason's text:
  /// github.com/hashicorp/terraform-provider-aws, pull request 48156).
  private static Decision<DeleteCapacityProviderResponse> delete(
      Head head, DeleteCapacityProviderRequest input, Context context) {
    CapacityProvider before = toChange(head.state(), context, input.capacityProvider(), "deleted");
    refuseCluster(input.cluster());
    List<Cluster> clusters = CapacityProviders.associatedWith(head.state(), before.id());
    CapacityProvider after =
        clusters.isEmpty()
            ? before.deleted(context.now())
            : before.deletionFailed(
                "The capacity provider cannot be deleted because it is associated with cluster: "
                    + clusters.getFirst().id().name()
                    + ". Remove the capacity provider from the cluster and try again.");
    DeleteCapacityProviderResponse response =
        DeleteCapacityProviderResponse.builder().capacityProvider(show(after, true)).build();
    return after.equals(before) ? Decision.answer(response) : Decision.put(response, after);
  }

  /// @param change what is to happen to it
  private static CapacityProvider toChange(
      State state, Context context, @Nullable String nameOrArn, String change) {
    String name =
        CapacityProviders.name(context.scope(), Objects.requireNonNullElse(nameOrArn, ""));
    if (CapacityProviders.PREDEFINED.contains(name)) {
      throw EcsErrors.clientException(
          "The specified capacity provider is reserved and cannot be " + change + ".");
    }
    CapacityProvider provider = CapacityProviders.find(state, context.scope(), name);
    if (provider == null) {
      throw CapacityProviders.notFound();
    }
    return provider;
  }

  private static dev.gantry.api.ecs.CapacityProvider show(
      State state, Scope scope, String name, boolean tags) {
    CapacityProviderId id = new CapacityProviderId(scope, name);
    CapacityProvider provider = state.capacityProvider(id);
    if (provider != null) {
      return show(provider, tags);
    }
    return dev.gantry.api.ecs.CapacityProvider.builder()
        .capacityProviderArn(id.arn())
        .name(name)
        .status("ACTIVE")
        .type(name)
        .tags(List.of())
        .build();
  }

  private static dev.gantry.api.ecs.CapacityProvider show(CapacityProvider provider, boolean tags) {
    ManagedScaling scaling = provider.managedScaling();
    return dev.gantry.api.ecs.CapacityProvider.builder()
        .capacityProviderArn(provider.id().arn())
        .name(provider.id().name())
        .status(provider.status().name())
        .type("EC2_AUTOSCALING")
        .autoScalingGroupProvider(
            AutoScalingGroupProvider.builder()
                .autoScalingGroupArn(provider.autoScalingGroup())
                .managedScaling(
                    dev.gantry.api.ecs.ManagedScaling.builder()
                        .status(status(scaling.enabled()))
                        .targetCapacity(scaling.targetCapacity())
                        .minimumScalingStepSize(scaling.minimumScalingStepSize())
                        .maximumScalingStepSize(scaling.maximumScalingStepSize())
                        .instanceWarmupPeriod(scaling.instanceWarmupPeriodSeconds())
                        .build())
                .managedTerminationProtection(status(provider.managedTerminationProtection()))
                .managedDraining(status(provider.managedDraining()))
                .build())
        .updateStatus(provider.update() == null ? null : provider.update().name())
        .updateStatusReason(provider.updateReason())
        .tags(tags ? Tags.show(provider.tags()) : List.of())
        .build();
  }

  private static String status(boolean enabled) {
    return enabled ? ENABLED : "DISABLED";
  }
}
