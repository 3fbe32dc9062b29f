package dev.gantry.conformance;

import java.io.IOException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Hands tests the one Gantry that they share, since starting one costs seconds: it joins the
/// cluster `default` and lives until the last test has ended. A test that kills its Gantry, or asks
/// for another one, takes the [Engine] alone and starts its own.
final class SharedGantry implements ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(SharedGantry.class);

  /// Closes both, the process first.
  private record Shared(Engine engine, GantryProcess gantry) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      try (engine) {
        gantry.close();
      }
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == GantryProcess.class || type == Engine.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    ExtensionContext.Store store = context.getRoot().getStore(NAMESPACE);
    if (parameter.getParameter().getType() == Engine.class) {
      return store.computeIfAbsent("engine", key -> Engine.open(), Engine.class);
    }
    return store.computeIfAbsent("shared", key -> start(), Shared.class).gantry();
  }

  private static Shared start() {
    Engine engine = Engine.open();
    try {
      return new Shared(engine, GantryProcess.up(engine));
    } catch (IOException e) {
      engine.close();
      throw new AssertionError("Gantry does not start: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      engine.close();
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
