package dev.retort.cli;

import dev.retort.system.Build;
import picocli.CommandLine.IVersionProvider;

/** {@code --version}. */
final class BuildVersion implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String commit = Build.commit();
    return new String[] {"retort " + Build.version() + (commit == null ? "" : " (" + commit + ")")};
  }
}
