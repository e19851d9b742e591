package dev.retort.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IVersionProvider;

/** Which Retort this is. */
final class Build implements IVersionProvider {
  /** The version of the artifact, or "development" where classes are run outside a jar. */
  static String version() {
    String version = Build.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /**
   * The commit that was built, with {@code -dirty} behind it where files had been changed; null
   * where the launcher did not build it from a repository.
   */
  static @Nullable String commit() {
    return System.getProperty("retort.commit");
  }

  @Override
  public String[] getVersion() {
    String commit = commit();
    return new String[] {"retort " + version() + (commit == null ? "" : " (" + commit + ")")};
  }
}
