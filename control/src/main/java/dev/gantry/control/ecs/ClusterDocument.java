package dev.gantry.control.ecs;

import dev.gantry.api.ecs.Cluster;
import dev.gantry.api.ecs.ClusterConfiguration;
import dev.gantry.api.ecs.ClusterSetting;
import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.api.ecs.ExecuteCommandConfiguration;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.shape.ServiceException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The part of a cluster that is kept as it was given and shown again: its settings and its
/// configuration.
///
/// @param settings what the cluster's settings are; never empty
/// @param configuration what was configured, or null
record ClusterDocument(
    List<ClusterSetting> settings, @Nullable ClusterConfiguration configuration) {
  private static final List<String> CONTAINER_INSIGHTS_VALUES =
      List.of("enhanced", "enabled", "disabled");

  /// The document of a cluster. One that was stored without settings has those that Amazon begins
  /// with.
  static ClusterDocument of(dev.gantry.model.Cluster cluster) {
    Cluster kept = AwsJson.decode(Cluster.SHAPE, cluster.document());
    List<ClusterSetting> settings = kept.settings();
    return new ClusterDocument(
        settings == null || settings.isEmpty() ? settings("disabled") : settings,
        kept.configuration());
  }

  /// As it is stored.
  String encode() {
    return AwsJson.encodeToString(
        Cluster.SHAPE, Cluster.builder().settings(settings).configuration(configuration).build());
  }

  /// The settings of a cluster whose Container Insights are as given.
  static List<ClusterSetting> settings(String containerInsights) {
    return List.of(
        ClusterSetting.builder()
            .name(AccountSettings.CONTAINER_INSIGHTS)
            .value(containerInsights)
            .build());
  }

  /// The settings that a request gives, or null if it gives none. The model knows no setting but
  /// containerInsights. The text is Amazon's (recorded by github.com/radkawar/stackd,
  /// testdata/aws/ecs/controls.json).
  ///
  /// @throws ServiceException InvalidParameterException if a value is none
  static @Nullable List<ClusterSetting> read(@Nullable List<ClusterSetting> given) {
    if (given == null || given.isEmpty()) {
      return null;
    }
    String containerInsights = null;
    for (ClusterSetting setting : given) {
      containerInsights = setting.value();
      if (containerInsights == null || !CONTAINER_INSIGHTS_VALUES.contains(containerInsights)) {
        throw EcsErrors.invalidParameterException("Invalid setting 'value'");
      }
    }
    return containerInsights == null ? null : settings(containerInsights);
  }

  /// Checks the configuration that a request gives (ExecuteCommandConfiguration). Who says where
  /// output is to be logged, and leaves `logging` at what does not heed it, would wait for a log
  /// that never comes. Amazon's text for that: github.com/terraform-aws-modules/terraform-aws-ecs
  /// issue 84.
  ///
  /// @throws ServiceException InvalidParameterException if it contradicts itself
  static void check(@Nullable ClusterConfiguration configuration) {
    ExecuteCommandConfiguration command =
        configuration == null ? null : configuration.executeCommandConfiguration();
    if (command == null) {
      return;
    }
    boolean override = "OVERRIDE".equals(command.logging());
    boolean where = command.logConfiguration() != null;
    if (override && !where) {
      throw EcsErrors.invalidParameterException(
          "A logConfiguration is required when logging is OVERRIDE.");
    }
    if (where && !override) {
      throw EcsErrors.invalidParameterException(
          "You must set logging to 'OVERRIDE' when you supply a log configuration");
    }
  }
}
