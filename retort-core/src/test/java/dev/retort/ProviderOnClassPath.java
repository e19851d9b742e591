package dev.retort;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.NullUnmarked;

/** A jar that names one more provider of a service, while a check runs. */
@NullUnmarked
public final class ProviderOnClassPath {
  private ProviderOnClassPath() {}

  /**
   * Runs the check where {@link java.util.ServiceLoader} finds the provider.
   *
   * @param jar an empty folder, which takes the jar's place
   * @param provider the name of its class, which need not exist
   */
  public static void during(Path jar, Class<?> service, String provider, Runnable check)
      throws IOException {
    Path services = Files.createDirectories(jar.resolve("META-INF/services"));
    Files.writeString(services.resolve(service.getName()), provider);
    Thread thread = Thread.currentThread();
    ClassLoader usual = thread.getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, usual)) {
      thread.setContextClassLoader(loader);
      check.run();
    } finally {
      thread.setContextClassLoader(usual);
    }
  }
}
