package dev.gantry.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.IntConsumer;

/// Hears SIGINT, SIGTERM and SIGHUP instead of dying of them.
///
/// A shutdown hook cannot do this: the JVM runs it once, and a second Ctrl-C changes nothing.
/// `sun.misc.Signal` is in `jdk.unsupported`, which JDK 25 exports for exactly such uses; it is
/// called reflectively because javac warns of every mention of it, and warnings are errors here.
final class Interrupts {

  /// Ctrl-C.
  static final int INT = 2;

  /// The terminal has gone.
  static final int HUP = 1;

  /// A polite request to end.
  static final int TERM = 15;

  private Interrupts() {}

  /// From now on `listener` hears the number of each such signal, on a thread of its own. A signal
  /// that the process was started to ignore (`nohup`) stays ignored.
  static void hear(IntConsumer listener) {
    hear("INT", INT, listener);
    hear("TERM", TERM, listener);
    hear("HUP", HUP, listener);
  }

  @SuppressWarnings("ReferenceEquality") // both are about identity
  private static void hear(String name, int number, IntConsumer listener) {
    try {
      Class<?> signalType = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Object ignore = handlerType.getField("SIG_IGN").get(null);
      Object handler =
          Proxy.newProxyInstance(
              Interrupts.class.getClassLoader(),
              new Class<?>[] {handlerType},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  listener.accept(number);
                }
                return switch (method.getName()) {
                  case "equals" -> proxy == arguments[0];
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "toString" -> "the handler of SIG" + name;
                  default -> null;
                };
              });
      Method handle = signalType.getMethod("handle", signalType, handlerType);
      Object signal = signalType.getConstructor(String.class).newInstance(name);
      Object before = handle.invoke(null, signal, handler);
      if (before == ignore) {
        handle.invoke(null, signal, ignore);
      }
    } catch (InvocationTargetException reserved) {
      // -Xrs, or a JVM that keeps the signal for itself: the signal then simply ends us.
      return;
    } catch (ReflectiveOperationException absent) {
      throw new IllegalStateException("this JVM has no sun.misc.Signal", absent);
    }
  }
}
