package dev.gantry.control.ecs;

import dev.gantry.api.ecs.EcsErrors;
import dev.gantry.model.Attribute;
import dev.gantry.wire.shape.ServiceException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// What an EC2 instance's identity document says of a host (RegisterContainerInstance,
/// instanceIdentityDocument; the document's names: Amazon EC2 User Guide, instance identity
/// documents).
///
/// Amazon ECS makes sure of it by its signature. Nobody here has Amazon's certificates, and whoever
/// registers a host holds the key of the installation: what the document says is taken as the other
/// members of the call are.
///
/// @param instanceId the EC2 instance, or null where there is no document, as on any other host
/// @param attributes the built-in attributes that Amazon ECS takes from EC2 and a document has
///   (Amazon ECS Developer Guide, Define which container instances Amazon ECS uses for tasks)
record InstanceIdentity(@Nullable String instanceId, List<Attribute> attributes) {
  /// The attribute that says in which zone a host is.
  static final String ZONE = "ecs.availability-zone";

  /// The longest document. Amazon's have about 500 characters.
  static final int MAX_LENGTH = 16 * 1024;

  private static final int MAX_VALUE = 128;

  private static final JsonFactory FACTORY = new JsonFactory();

  /// @throws ServiceException InvalidParameterException if there is a document and it is none
  static InstanceIdentity read(@Nullable String document) {
    if (document == null || document.isEmpty()) {
      return new InstanceIdentity(null, List.of());
    }
    Map<String, String> members = document.length() > MAX_LENGTH ? Map.of() : members(document);
    String instanceId = members.get("instanceId");
    if (instanceId == null) {
      throw EcsErrors.invalidParameterException(
          "instanceIdentityDocument must be a JSON object of at most "
              + MAX_LENGTH
              + " characters that names an instanceId.");
    }
    List<Attribute> attributes = new ArrayList<>();
    add(attributes, ZONE, members.get("availabilityZone"));
    add(attributes, "ecs.ami-id", members.get("imageId"));
    add(attributes, "ecs.instance-type", members.get("instanceType"));
    return new InstanceIdentity(instanceId, List.copyOf(attributes));
  }

  private static void add(List<Attribute> attributes, String name, @Nullable String value) {
    if (value != null) {
      attributes.add(new Attribute(name, value));
    }
  }

  /// The members of the document itself that are texts of a length that an attribute can have; none
  /// if it is no document.
  private static Map<String, String> members(String document) {
    Map<String, String> members = new TreeMap<>();
    try (JsonParser json = FACTORY.createParser(ObjectReadContext.empty(), document)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return Map.of();
      }
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = json.currentName();
        if (json.nextToken() == JsonToken.VALUE_STRING) {
          String value = json.getString();
          if (!value.isEmpty() && value.length() <= MAX_VALUE) {
            members.put(name, value);
          }
        } else {
          json.skipChildren();
        }
      }
    } catch (JacksonException e) {
      return Map.of();
    }
    return members;
  }
}
