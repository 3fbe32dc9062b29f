package dev.gantry.store;

import dev.gantry.model.EntityId;
import dev.gantry.model.Scope;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.InputCoercionException;

/// The stored forms of types, found by reflection at first use and kept. [RecordCodec] states the
/// rules.
final class RecordForms {

  private static final String TAG = "@type";

  private static final int MAX_SHARED_SCOPES = 1_000;

  /// Keyed by type and never iterated.
  private final Map<Type, Form> known = new ConcurrentHashMap<>();

  /// Keyed by the scope's text and never iterated.
  private final Map<String, Scope> scopes = new ConcurrentHashMap<>();

  /// How values of one type are written and read.
  interface Form {
    void write(JsonGenerator generator, Object value);

    /// The parser stands on the value's first token, and afterwards on its last.
    Object read(JsonParser parser);
  }

  /// A form that is one piece of text, and can therefore be a map's key.
  private record TextForm(Function<Object, String> spell, Function<String, ?> parse)
      implements Form {
    @Override
    public void write(JsonGenerator generator, Object value) {
      generator.writeString(spell.apply(value));
    }

    @Override
    public Object read(JsonParser parser) {
      RecordCodec.expect(parser, JsonToken.VALUE_STRING);
      return parse.apply(parser.getString());
    }
  }

  /// A form that is one token of its own.
  private record TokenForm(Writer writer, Function<JsonParser, Object> reader) implements Form {
    private interface Writer {
      void write(JsonGenerator generator, Object value);
    }

    @Override
    public void write(JsonGenerator generator, Object value) {
      writer.write(generator, value);
    }

    @Override
    public Object read(JsonParser parser) {
      return reader.apply(parser);
    }
  }

  /// The form of a record type.
  RecordForm of(Class<? extends Record> type) {
    return (RecordForm) form(type);
  }

  private Form form(Type type) {
    Form form = known.get(type);
    if (form == null) {
      form = make(type);
      Form earlier = known.putIfAbsent(type, form);
      form = earlier == null ? form : earlier;
    }
    return form;
  }

  private Form make(Type type) {
    if (type instanceof ParameterizedType parameterized) {
      return collection(parameterized);
    }
    if (!(type instanceof Class<?> plain)) {
      throw new RecordFormatException(type + " has no stored form", null);
    }
    if (plain == String.class) {
      return new TextForm(String.class::cast, text -> text);
    }
    if (plain == int.class || plain == Integer.class) {
      return new TokenForm(
          (g, v) -> g.writeNumber((Integer) v),
          parser -> readWhole(parser, JsonParser::getIntValue));
    }
    if (plain == long.class || plain == Long.class) {
      return new TokenForm(
          (g, v) -> g.writeNumber((Long) v), parser -> readWhole(parser, JsonParser::getLongValue));
    }
    if (plain == double.class || plain == Double.class) {
      return new TokenForm((g, v) -> g.writeNumber(finite((Double) v)), RecordForms::readReal);
    }
    if (plain == boolean.class || plain == Boolean.class) {
      return new TokenForm((g, v) -> g.writeBoolean((Boolean) v), RecordForms::readBoolean);
    }
    if (plain == Instant.class) {
      return new TextForm(
          instant -> InstantText.spell((Instant) instant),
          text -> parseTime(text, InstantText::parse));
    }
    if (plain == Duration.class) {
      return new TextForm(Object::toString, text -> parseTime(text, Duration::parse));
    }
    if (plain.isEnum()) {
      return constants(plain);
    }
    if (plain.isRecord()) {
      Class<? extends Record> record = plain.asSubclass(Record.class);
      return EntityId.class.isAssignableFrom(plain) ? id(record) : new RecordForm(record);
    }
    if (plain.isSealed() && plain.isInterface()) {
      return new SealedForm(plain);
    }
    throw new RecordFormatException(plain.getName() + " has no stored form", null);
  }

  private static double finite(double value) {
    if (!Double.isFinite(value)) {
      throw new RecordFormatException(value + " cannot be stored", null);
    }
    return value;
  }

  private static Object readWhole(JsonParser parser, Function<JsonParser, Object> read) {
    RecordCodec.expect(parser, JsonToken.VALUE_NUMBER_INT);
    try {
      return read.apply(parser);
    } catch (InputCoercionException e) {
      throw new RecordFormatException("a number out of range: " + parser.getString(), e);
    }
  }

  private static Object readReal(JsonParser parser) {
    if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      RecordCodec.expect(parser, JsonToken.VALUE_NUMBER_FLOAT);
    }
    return parser.getDoubleValue();
  }

  private static boolean readBoolean(JsonParser parser) {
    if (parser.currentToken() == JsonToken.VALUE_TRUE) {
      return true;
    }
    RecordCodec.expect(parser, JsonToken.VALUE_FALSE);
    return false;
  }

  private static Object parseTime(String text, Function<String, Object> parse) {
    try {
      return parse.apply(text);
    } catch (DateTimeException e) {
      throw new RecordFormatException("not a time: " + text, e);
    }
  }

  private static Form constants(Class<?> type) {
    Map<String, Object> byName = new LinkedHashMap<>();
    for (Object constant : type.getEnumConstants()) {
      byName.put(((Enum<?>) constant).name(), constant);
    }
    return new TextForm(
        constant -> ((Enum<?>) constant).name(),
        name -> {
          Object constant = byName.get(name);
          if (constant == null) {
            throw new RecordFormatException(
                "unknown " + type.getSimpleName() + " constant " + name, null);
          }
          return constant;
        });
  }

  /// An id is its key: the account and the region of its scope, then each further component, which
  /// must be text or a number.
  private Form id(Class<? extends Record> type) {
    RecordComponent[] components = type.getRecordComponents();
    for (int i = 0; i < components.length; i++) {
      Class<?> wanted = components[i].getType();
      if (i == 0 ? wanted != Scope.class : wanted != String.class && wanted != int.class) {
        throw new RecordFormatException(
            type.getName() + " does not begin with a Scope and go on with String and int", null);
      }
    }
    MethodHandle constructor = constructor(type);
    return new TextForm(
        id -> ((EntityId) id).key(),
        key -> {
          Object[] values = new Object[components.length];
          try {
            int end = partEnd(key, partEnd(key, 0) + 1);
            values[0] = scope(key.substring(0, end));
            for (int i = 1; i < components.length; i++) {
              int start = end + 1;
              end = i == components.length - 1 ? key.length() : partEnd(key, start);
              String part = key.substring(start, end);
              values[i] = components[i].getType() == int.class ? Integer.valueOf(part) : part;
            }
          } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new RecordFormatException(
                "not a " + type.getSimpleName() + ": " + key + " (" + e.getMessage() + ")", e);
          }
          return construct(constructor, values);
        });
  }

  private static int partEnd(String key, int start) {
    int end = key.indexOf(EntityId.SEPARATOR, start);
    if (end < 0) {
      throw new IllegalArgumentException("too few parts");
    }
    return end;
  }

  /// A store has few scopes and many ids, which share them.
  private Scope scope(String text) {
    Scope scope = scopes.get(text);
    if (scope == null) {
      int end = partEnd(text, 0);
      scope = new Scope(text.substring(0, end), text.substring(end + 1));
      if (scopes.size() < MAX_SHARED_SCOPES) {
        scopes.put(text, scope);
      }
    }
    return scope;
  }

  private Form collection(ParameterizedType type) {
    Class<?> raw = (Class<?>) type.getRawType();
    Type[] arguments = type.getActualTypeArguments();
    if (raw == List.class) {
      return new ElementsForm(form(arguments[0]), ArrayList::new, list -> List.copyOf(list));
    }
    if (raw == Set.class) {
      return new ElementsForm(
          form(arguments[0]),
          LinkedHashSet::new,
          set -> Collections.unmodifiableSet((Set<Object>) set));
    }
    if (raw == SortedSet.class) {
      return new ElementsForm(
          form(arguments[0]),
          TreeSet::new,
          set -> Collections.unmodifiableSortedSet((SortedSet<Object>) set));
    }
    boolean sorted = raw == SortedMap.class;
    if (sorted || raw == Map.class) {
      if (!(form(arguments[0]) instanceof TextForm keys)) {
        throw new RecordFormatException(type + " has keys that are not one piece of text", null);
      }
      return new MapForm(sorted, keys, form(arguments[1]));
    }
    throw new RecordFormatException(type + " has no stored form", null);
  }

  private record ElementsForm(
      Form element,
      java.util.function.Supplier<Collection<Object>> fresh,
      Function<Collection<Object>, Object> finish)
      implements Form {
    @Override
    public void write(JsonGenerator generator, Object value) {
      generator.writeStartArray();
      int index = 0;
      for (Object each : (Collection<?>) value) {
        try {
          element.write(generator, each);
        } catch (RecordFormatException e) {
          throw e.within("[" + index + "]");
        }
        index++;
      }
      generator.writeEndArray();
    }

    @Override
    public Object read(JsonParser parser) {
      RecordCodec.expect(parser, JsonToken.START_ARRAY);
      Collection<Object> values = fresh.get();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        try {
          values.add(element.read(parser));
        } catch (RecordFormatException e) {
          throw e.within("[" + values.size() + "]");
        }
      }
      return finish.apply(values);
    }
  }

  private record MapForm(boolean sorted, TextForm keys, Form values) implements Form {
    @Override
    public void write(JsonGenerator generator, Object value) {
      generator.writeStartObject();
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
        String name = keys.spell().apply(entry.getKey());
        generator.writeName(name);
        try {
          values.write(generator, entry.getValue());
        } catch (RecordFormatException e) {
          throw e.within("[" + name + "]");
        }
      }
      generator.writeEndObject();
    }

    @Override
    public Object read(JsonParser parser) {
      RecordCodec.expect(parser, JsonToken.START_OBJECT);
      Map<Object, Object> map = sorted ? new TreeMap<>() : new LinkedHashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        try {
          Object key = keys.parse().apply(name);
          parser.nextToken();
          map.put(key, values.read(parser));
        } catch (RecordFormatException e) {
          throw e.within("[" + name + "]");
        }
      }
      return sorted
          ? Collections.unmodifiableSortedMap((SortedMap<Object, Object>) map)
          : Collections.unmodifiableMap(map);
    }
  }

  /// One component of a record.
  ///
  /// @param absent gives the value of a component that is missing, or null if it may not be missing
  /// @param omitsEmpty whether an empty collection is not written
  private record Part(
      String name,
      MethodHandle accessor,
      Form form,
      java.util.function.@Nullable Supplier<@Nullable Object> absent,
      boolean omitsEmpty) {

    @Nullable Object of(Object record) {
      try {
        return accessor.invokeExact(record);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException("An accessor threw a checked exception", e);
      }
    }
  }

  /// A record as an object. What it needs to know of the components is found at first use, which
  /// also lets record types contain themselves.
  final class RecordForm implements Form {
    private final Class<? extends Record> type;
    private volatile @Nullable Parts parts;

    private record Parts(List<Part> list, Map<String, Integer> places, MethodHandle constructor) {}

    private RecordForm(Class<? extends Record> type) {
      this.type = type;
    }

    private Parts parts() {
      Parts result = parts;
      if (result == null) {
        List<Part> list = new ArrayList<>();
        Map<String, Integer> places = new LinkedHashMap<>();
        for (RecordComponent component : type.getRecordComponents()) {
          places.put(component.getName(), list.size());
          list.add(part(component));
        }
        result = new Parts(list, places, RecordForms.constructor(type));
        parts = result;
      }
      return result;
    }

    private Part part(RecordComponent component) {
      String name = component.getName();
      try {
        Form form = form(component.getGenericType());
        MethodHandle accessor =
            MethodHandles.publicLookup()
                .unreflect(component.getAccessor())
                .asType(MethodType.methodType(Object.class, Object.class));
        boolean nullable = isNullable(component.getAnnotatedType());
        boolean collection = form instanceof ElementsForm || form instanceof MapForm;
        return new Part(
            name, accessor, form, absent(component, form, nullable), collection && !nullable);
      } catch (RecordFormatException e) {
        throw e.within(type.getSimpleName() + "." + name);
      } catch (IllegalAccessException e) {
        throw new RecordFormatException(type.getName() + " is not public", e);
      }
    }

    private java.util.function.@Nullable Supplier<@Nullable Object> absent(
        RecordComponent component, Form form, boolean nullable) {
      Method declared = declaredDefault(component);
      if (declared != null) {
        return () -> call(declared);
      }
      if (nullable) {
        return () -> null;
      }
      return switch (form) {
        case ElementsForm elements -> () -> elements.finish().apply(elements.fresh().get());
        case MapForm map ->
            () -> map.sorted() ? Collections.emptySortedMap() : Collections.emptyMap();
        default -> {
          Class<?> raw = component.getType();
          if (raw == int.class) {
            yield () -> 0;
          }
          if (raw == long.class) {
            yield () -> 0L;
          }
          if (raw == double.class) {
            yield () -> 0.0;
          }
          yield raw == boolean.class ? () -> false : null;
        }
      };
    }

    private @Nullable Method declaredDefault(RecordComponent component) {
      String name = component.getName();
      String wanted = "default" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
      for (Method method : type.getDeclaredMethods()) {
        if (method.getName().equals(wanted)) {
          if (method.getParameterCount() != 0
              || !Modifier.isStatic(method.getModifiers())
              || !Modifier.isPublic(method.getModifiers())
              || method.getReturnType() != component.getType()) {
            throw new RecordFormatException(
                wanted + " must be public, static, without parameters, and of the component's type",
                null);
          }
          return method;
        }
      }
      return null;
    }

    private @Nullable Object call(Method method) {
      try {
        return method.invoke(null);
      } catch (ReflectiveOperationException e) {
        throw new RecordFormatException(method.getName() + " failed", e);
      }
    }

    @Override
    public void write(JsonGenerator generator, Object value) {
      write(generator, value, null);
    }

    void write(JsonGenerator generator, Object value, @Nullable String tag) {
      generator.writeStartObject();
      if (tag != null) {
        generator.writeStringProperty(TAG, tag);
      }
      for (Part part : parts().list) {
        Object component = part.of(value);
        if (component == null || (part.omitsEmpty && isEmpty(component))) {
          continue;
        }
        generator.writeName(part.name);
        try {
          part.form.write(generator, component);
        } catch (RecordFormatException e) {
          throw e.within(part.name);
        }
      }
      generator.writeEndObject();
    }

    @Override
    public Object read(JsonParser parser) {
      RecordCodec.expect(parser, JsonToken.START_OBJECT);
      return readMembers(parser);
    }

    /// The parser stands before a member's name, or the end of the object.
    Object readMembers(JsonParser parser) {
      Parts known = parts();
      Object[] values = new Object[known.list.size()];
      // Members come in the order of the components nearly always, so the next is tried first.
      int expected = 0;
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        if (expected == values.length || !known.list.get(expected).name.equals(name)) {
          Integer place = known.places.get(name);
          if (place == null) {
            parser.skipChildren();
            continue;
          }
          expected = place;
        }
        try {
          if (parser.currentToken() != JsonToken.VALUE_NULL) {
            values[expected] = known.list.get(expected).form.read(parser);
          }
        } catch (RecordFormatException e) {
          throw e.within(name);
        }
        expected++;
      }
      for (int i = 0; i < values.length; i++) {
        if (values[i] == null) {
          Part part = known.list.get(i);
          if (part.absent == null) {
            throw new RecordFormatException("is missing and has no default", null)
                .within(part.name);
          }
          values[i] = part.absent.get();
        }
      }
      return construct(known.constructor, values);
    }
  }

  /// A sealed interface: the form of the record that it is, with a tag before it.
  private final class SealedForm implements Form {
    private final Class<?> type;
    private final Map<String, RecordForm> byTag = new LinkedHashMap<>();

    SealedForm(Class<?> type) {
      this.type = type;
      permit(type);
    }

    private void permit(Class<?> some) {
      for (Class<?> permitted : some.getPermittedSubclasses()) {
        if (permitted.isInterface() && permitted.isSealed()) {
          permit(permitted);
        } else if (!permitted.isRecord() || EntityId.class.isAssignableFrom(permitted)) {
          throw new RecordFormatException(
              type.getName() + " permits " + permitted.getName() + ", which is not a plain record",
              null);
        } else if (byTag.put(
                permitted.getSimpleName(), new RecordForm(permitted.asSubclass(Record.class)))
            != null) {
          throw new RecordFormatException(
              type.getName() + " permits two records named " + permitted.getSimpleName(), null);
        }
      }
    }

    @Override
    public void write(JsonGenerator generator, Object value) {
      String tag = value.getClass().getSimpleName();
      form(tag).write(generator, value, tag);
    }

    @Override
    public Object read(JsonParser parser) {
      RecordCodec.expect(parser, JsonToken.START_OBJECT);
      parser.nextToken();
      if (parser.currentToken() != JsonToken.PROPERTY_NAME || !parser.currentName().equals(TAG)) {
        throw new RecordFormatException("does not begin with " + TAG, null);
      }
      parser.nextToken();
      RecordCodec.expect(parser, JsonToken.VALUE_STRING);
      return form(parser.getString()).readMembers(parser);
    }

    private RecordForm form(String tag) {
      RecordForm form = byTag.get(tag);
      if (form == null) {
        throw new RecordFormatException("unknown " + type.getSimpleName() + " type " + tag, null);
      }
      return form;
    }
  }

  private static boolean isNullable(AnnotatedType type) {
    return type.isAnnotationPresent(Nullable.class);
  }

  private static boolean isEmpty(Object collection) {
    return collection instanceof Map<?, ?> map
        ? map.isEmpty()
        : ((Collection<?>) collection).isEmpty();
  }

  private static MethodHandle constructor(Class<? extends Record> type) {
    Class<?>[] parameters =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      Constructor<? extends Record> constructor = type.getDeclaredConstructor(parameters);
      return MethodHandles.publicLookup()
          .unreflectConstructor(constructor)
          .asSpreader(Object[].class, parameters.length)
          .asType(MethodType.methodType(Object.class, Object[].class));
    } catch (ReflectiveOperationException e) {
      throw new RecordFormatException(type.getName() + " has no public constructor", e);
    }
  }

  private static Object construct(MethodHandle constructor, @Nullable Object[] values) {
    try {
      return constructor.invokeExact(values);
    } catch (IllegalArgumentException | NullPointerException e) {
      // The record's own checks: the text was well-formed, its content is not.
      throw new RecordFormatException(String.valueOf(e.getMessage()), e);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("A record's constructor threw a checked exception", e);
    }
  }
}
