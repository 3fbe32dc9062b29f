package dev.gantry.agent;

import java.io.StringWriter;
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
/// @param pulledImages the images it has pulled, oldest first, for [PullBehaviour#ONCE]
record InstanceFile(
    String cluster,
    @Nullable String containerInstanceArn,
    long highestSequence,
    List<String> pulledImages) {

  /// Raised only when an older agent must not read the file.
  static final int VERSION = 1;

  InstanceFile {
    pulledImages = List.copyOf(pulledImages);
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
      json.writeName("pulledImages");
      json.writeStartArray();
      for (String image : pulledImages) {
        json.writeString(image);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return text.toString();
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
        new ArrayList<>(tree.strings("pulledImages")));
  }
}
