package dev.retort.system;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

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
   * All providers of a type, each once.
   *
   * @throws java.util.ServiceConfigurationError if one cannot be made
   */
  public static <T> List<T> of(Class<T> type) {
    Map<String, T> all = new LinkedHashMap<>();
    for (ClassLoader loader : loaders()) {
      for (T provider : ServiceLoader.load(type, loader)) {
        all.putIfAbsent(provider.getClass().getName(), provider);
      }
    }
    return List.copyOf(all.values());
  }
}
