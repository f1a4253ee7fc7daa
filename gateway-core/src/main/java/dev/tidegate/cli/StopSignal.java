package dev.tidegate.cli;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;

/**
 * Tells when somebody asks the process to end: SIGTERM (systemd, kill) or SIGINT (Ctrl-C).
 *
 * <p>A shutdown hook could tell, too, but then the process always ends with 143 or 130, however
 * clean its stop was. {@code sun.misc.Signal} (module jdk.unsupported) has no successor; it is
 * reached by name because the compiler warns of it with no way to say that it is meant.
 */
final class StopSignal {
  private StopSignal() {}

  /**
   * Has {@code asked} called, on a thread of its own, each time such a signal comes; it is then the
   * caller's duty to end the process.
   *
   * @return false where this JVM hands out no signals; they end it then as usual
   */
  static boolean listen(Runnable asked) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object told =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) -> {
                asked.run();
                return null;
              });
      Method handle = signal.getMethod("handle", signal, handler);
      for (String name : List.of("TERM", "INT")) {
        handle.invoke(null, signal.getConstructor(String.class).newInstance(name), told);
      }
      return true;
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      return false;
    }
  }
}
