package dev.gantry.conformance;

import dev.gantry.home.RootKey;
import java.io.IOException;
import java.net.URI;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.ecs.EcsClient;

/// The AWS SDK for Java, pointed at a Gantry.
record AwsClients(EcsClient ecs, CloudWatchLogsClient logs) implements AutoCloseable {
  static final Region REGION = Region.US_EAST_1;

  /// Clients with the installation's root key.
  static AwsClients of(GantryProcess gantry) throws IOException {
    RootKey key = gantry.key();
    return of(gantry.endpoint(), AwsBasicCredentials.create(key.accessKeyId(), key.secret()));
  }

  /// Clients with any credentials.
  static AwsClients of(URI endpoint, AwsCredentials credentials) {
    StaticCredentialsProvider provider = StaticCredentialsProvider.create(credentials);
    return new AwsClients(
        EcsClient.builder()
            .endpointOverride(endpoint)
            .region(REGION)
            .credentialsProvider(provider)
            .build(),
        CloudWatchLogsClient.builder()
            .endpointOverride(endpoint)
            .region(REGION)
            .credentialsProvider(provider)
            .build());
  }

  @Override
  public void close() {
    ecs.close();
    logs.close();
  }
}
