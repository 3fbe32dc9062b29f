package dev.gantry.agent;

import java.io.StringWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/// What the agent remembers of itself.
///
/// @param cluster the cluster it belongs to, as configured
/// @param containerInstanceArn who it is; null before its first registration
/// @param highestSequence the highest number of a payload or manifest so far; -1 before the first
/// @param images those it has pulled
record InstanceFile(
    String cluster,
    @Nullable String containerInstanceArn,
    long highestSequence,
    List<PulledImage> images) {

  /// Raised only when an older agent must not read the file.
  static final int VERSION = 1;

  InstanceFile {
    images = List.copyOf(images);
  }

  String write() {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JsonTree.JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeNumberProperty("version", VERSION);
      json.writeStringProperty("cluster", cluster);
      if (containerInstanceArn != null) {
        json.writeStringProperty("containerInstanceArn", containerInstanceArn);
      }
      json.writeNumberProperty("highestSequence", highestSequence);
      json.writeName("images");
      json.writeStartArray();
      for (PulledImage image : images) {
        write(json, image);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void write(JsonGenerator json, PulledImage image) {
    json.writeStartObject();
    json.writeStringProperty("id", image.id());
    write(json, "names", image.names());
    write(json, "brought", image.brought());
    json.writeBooleanProperty("alone", image.alone());
    json.writeStringProperty("pulledAt", image.pulledAt().toString());
    json.writeStringProperty("usedAt", image.usedAt().toString());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, String member, List<String> names) {
    json.writeName(member);
    json.writeStartArray();
    for (String name : names) {
      json.writeString(name);
    }
    json.writeEndArray();
  }

  private static PulledImage image(JsonTree tree) {
    Instant pulledAt = tree.instant("pulledAt");
    Instant usedAt = tree.instant("usedAt");
    if (pulledAt == null || usedAt == null) {
      throw new JsonTree.Corrupt("an image has no time");
    }
    return new PulledImage(
        tree.required("id"),
        tree.strings("names"),
        tree.strings("brought"),
        tree.flag("alone"),
        pulledAt,
        usedAt);
  }

  /// @throws JsonTree.Corrupt if it is not such a file
  static InstanceFile read(String text) {
    JsonTree tree = JsonTree.parse(text);
    if (tree.number("version", 0) != VERSION) {
      throw new JsonTree.Corrupt("it has a version that this agent does not know");
    }
    return new InstanceFile(
        tree.required("cluster"),
        tree.string("containerInstanceArn"),
        tree.number("highestSequence", -1),
        images(tree));
  }

  private static List<PulledImage> images(JsonTree tree) {
    List<PulledImage> images = new ArrayList<>();
    for (JsonTree image : tree.objects("images")) {
      images.add(image(image));
    }
    return images;
  }
}
