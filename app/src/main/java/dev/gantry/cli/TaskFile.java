package dev.gantry.cli;

import dev.gantry.api.ecs.ContainerDefinition;
import dev.gantry.api.ecs.LogConfiguration;
import dev.gantry.api.ecs.RegisterTaskDefinitionRequest;
import dev.gantry.wire.json.AwsJson;
import dev.gantry.wire.json.MalformedInputException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A task definition in a file, as `aws ecs register-task-definition --cli-input-json` takes it.
final class TaskFile {

  /// Where the output of containers goes that name no log configuration of their own.
  static final String LOG_GROUP = "/gantry/run";

  /// ECS takes at most 64 KiB of task definition; this leaves room for white space, and no room for
  /// a film that was named by mistake.
  private static final int MAX_BYTES = 1024 * 1024;

  private TaskFile() {}

  /// Reads a file.
  ///
  /// @throws CommandFailure if it cannot be read or is no task definition; it names the file, the
  ///   place and the rule
  static RegisterTaskDefinitionRequest read(Path file) {
    String text;
    try {
      if (Files.isDirectory(file)) {
        throw new CommandFailure(file + " is a directory.", "Name the JSON file in it.");
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new CommandFailure(file + " is too large for a task definition (over 1 MiB).");
      }
      text = Files.readString(file);
    } catch (NoSuchFileException absent) {
      throw new CommandFailure("There is no file " + file + ".", absent, List.of());
    } catch (AccessDeniedException denied) {
      throw new CommandFailure("You may not read " + file + ".", denied, List.of());
    } catch (CharacterCodingException binary) {
      throw new CommandFailure(file + " is not text in UTF-8.", binary, List.of());
    } catch (IOException unreadable) {
      throw new CommandFailure(
          file + " cannot be read: " + unreadable.getMessage(), unreadable, List.of());
    }
    return parse(text, file.toString());
  }

  /// Reads a text.
  ///
  /// @param name what to call it
  /// @throws CommandFailure if it is no task definition
  static RegisterTaskDefinitionRequest parse(String text, String name) {
    RegisterTaskDefinitionRequest definition;
    try {
      definition = AwsJson.decode(RegisterTaskDefinitionRequest.SHAPE, text);
    } catch (MalformedInputException malformed) {
      throw new CommandFailure(
          name + " is not a task definition: " + malformed.text() + ".", malformed, List.of());
    }
    List<String> unknown = UnknownMembers.in(text, RegisterTaskDefinitionRequest.SHAPE);
    if (!unknown.isEmpty()) {
      throw new CommandFailure(
          name + " has members that a task definition does not know: " + String.join(", ", unknown),
          unknown.contains("taskDefinition")
              ? "It looks like the answer of describe-task-definition: take what is inside"
                  + " \"taskDefinition\"."
              : "Names are spelt as in aws ecs register-task-definition --generate-cli-skeleton.");
    }
    if (definition.containerDefinitions() == null || definition.containerDefinitions().isEmpty()) {
      throw new CommandFailure(name + " has no containerDefinitions: a task needs at least one.");
    }
    return definition;
  }

  /// A definition whose every container has a log configuration.
  ///
  /// @param definition what is to be registered
  /// @param given the names of the containers that had none
  record Logged(RegisterTaskDefinitionRequest definition, List<String> given) {}

  /// Gives containers without a log configuration `awslogs` to [#LOG_GROUP], with the family as the
  /// stream prefix, so that `gantry run` has something to show and `aws logs` finds it later.
  static Logged withLogs(RegisterTaskDefinitionRequest definition, String region) {
    List<ContainerDefinition> containers = new ArrayList<>();
    List<String> given = new ArrayList<>();
    List<ContainerDefinition> before = definition.containerDefinitions();
    for (ContainerDefinition container : before == null ? List.<ContainerDefinition>of() : before) {
      if (container.logConfiguration() != null) {
        containers.add(container);
        continue;
      }
      Map<String, String> options = new LinkedHashMap<>();
      options.put("awslogs-group", LOG_GROUP);
      options.put("awslogs-region", region);
      options.put(
          "awslogs-stream-prefix", definition.family() == null ? "run" : definition.family());
      containers.add(
          container.toBuilder()
              .logConfiguration(
                  LogConfiguration.builder().logDriver("awslogs").options(options).build())
              .build());
      given.add(container.name() == null ? "(unnamed)" : container.name());
    }
    return new Logged(
        definition.toBuilder().containerDefinitions(containers).build(), List.copyOf(given));
  }
}
