package dev.retort.study;

import dev.retort.system.CodeDigest;
import dev.retort.system.Sha256;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import org.jspecify.annotations.Nullable;

/** The code that a user put beside Retort's: what {@code --classpath} has. */
final class Extensions {
  private Extensions() {}

  /** SHA-256 of it, in hexadecimal; null where there is none, or it cannot be read. */
  static @Nullable String digest() {
    if (!(Thread.currentThread().getContextClassLoader() instanceof URLClassLoader extended)) {
      return null;
    }
    Sha256 digest = new Sha256();
    try {
      for (URL place : extended.getURLs()) {
        digest.text(CodeDigest.of(place));
      }
    } catch (UncheckedIOException e) {
      return null;
    }
    return digest.hex();
  }
}
