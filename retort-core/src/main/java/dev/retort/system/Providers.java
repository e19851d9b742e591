package dev.retort.system;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/** What jars on the class path offer, by their {@code META-INF/services}. */
public final class Providers {
  private Providers() {}

  /**
   * The class loaders that are asked: the calling thread's, and Retort's own, since a thread of
   * Java's common pool may have one that sees neither Retort nor the program.
   */
  public static List<ClassLoader> loaders() {
    List<ClassLoader> loaders = new ArrayList<>();
    ClassLoader ofThread = Thread.currentThread().getContextClassLoader();
    ClassLoader own = Providers.class.getClassLoader();
    if (ofThread != null && ofThread != own) {
      loaders.add(ofThread);
    }
    loaders.add(own);
    return loaders;
  }

  /**
   * Does something with every provider of a type, each once.
   *
   * @param provider what it is called in a message, with its article
   * @throws IllegalArgumentException if one cannot be made or used
   */
  public static <T> void each(Class<T> type, String provider, Consumer<T> use) {
    try {
      of(type).forEach(use);
    } catch (ServiceConfigurationError | LinkageError e) {
      throw new IllegalArgumentException(
          "%s on the class path cannot be used: %s".formatted(provider, e), e);
    }
  }

  /**
   * That a provider offers something by a name that something else has.
   *
   * @param what the kind of thing, and its name
   */
  public static IllegalArgumentException taken(Object provider, String what) {
    return new IllegalArgumentException(
        "%s offers the %s, a name that is taken already"
            .formatted(provider.getClass().getName(), what));
  }

  private static <T> List<T> of(Class<T> type) {
    Map<String, T> all = new LinkedHashMap<>();
    for (ClassLoader loader : loaders()) {
      for (T provider : ServiceLoader.load(type, loader)) {
        all.putIfAbsent(provider.getClass().getName(), provider);
      }
    }
    return List.copyOf(all.values());
  }
}
