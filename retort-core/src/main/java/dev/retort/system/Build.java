package dev.retort.system;

import org.jspecify.annotations.Nullable;

/** Which Retort this is. */
public final class Build {
  private Build() {}

  /** The version of the artifact, or "development" where classes are run outside a jar. */
  public static String version() {
    String version = Build.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /**
   * The commit that was built, with {@code -dirty} behind it where files had been changed; null
   * where the launcher did not build it from a repository.
   */
  public static @Nullable String commit() {
    return System.getProperty("retort.commit");
  }
}
