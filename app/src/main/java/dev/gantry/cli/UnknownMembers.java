package dev.gantry.cli;

import dev.gantry.wire.shape.Kind;
import dev.gantry.wire.shape.Structure;
import dev.gantry.wire.shape.ValueType;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Finds what a shape does not know in a JSON text that a person wrote.
///
/// A server must tolerate unknown members: newer clients send them. A person's file is another
/// matter: `comand` would be dropped in silence. The AWS CLI refuses such input for the same
/// reason.
final class UnknownMembers {

  /// So many are reported; a wrong file would otherwise report itself whole.
  static final int MAX_REPORTED = 5;

  private final List<String> found = new ArrayList<>();

  private UnknownMembers() {}

  /// Paths of the unknown members, as `containerDefinitions.1.member.comand`; list elements count
  /// from 1 as in AWS's own texts.
  ///
  /// @param json already known to be well-formed and of this shape
  static List<String> in(String json, Structure<?> shape) {
    UnknownMembers walk = new UnknownMembers();
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        walk.structure(parser, shape, "");
      }
    }
    return List.copyOf(walk.found);
  }

  private void structure(JsonParser parser, Structure<?> shape, String path) {
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      int index = shape.indexOf(name);
      if (index >= 0) {
        value(parser, shape, index, shape.member(index).type(), path + name);
      } else {
        if (found.size() < MAX_REPORTED) {
          found.add(path + name);
        }
        parser.skipChildren();
      }
    }
  }

  private void value(
      JsonParser parser, Structure<?> owner, int index, ValueType type, String path) {
    JsonToken token = parser.currentToken();
    if (type.kind() == Kind.STRUCTURE && token == JsonToken.START_OBJECT) {
      structure(parser, owner.target(index), path + ".");
    } else if (type.kind() == Kind.LIST && token == JsonToken.START_ARRAY) {
      for (int count = 1; parser.nextToken() != JsonToken.END_ARRAY; count++) {
        value(parser, owner, index, type.element(), path + "." + count + ".member");
      }
    } else if (type.kind() == Kind.MAP && token == JsonToken.START_OBJECT) {
      for (String key = parser.nextName(); key != null; key = parser.nextName()) {
        parser.nextToken();
        value(parser, owner, index, type.element(), path + "." + key);
      }
    } else {
      parser.skipChildren();
    }
  }
}
