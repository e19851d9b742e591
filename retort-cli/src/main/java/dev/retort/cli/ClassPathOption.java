package dev.retort.cli;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/**
 * {@code --classpath}, read before all else: what a jar brings decides which names the rest of the
 * command line may have. Providers are found by {@link java.util.ServiceLoader} through the
 * thread's class loader.
 */
@CommandLine.Command
final class ClassPathOption {
  static final String NAME = "--classpath";

  @Option(names = NAME)
  @Nullable String classPath;

  private ClassPathOption() {}

  /**
   * A class loader of what the arguments name, in front of which stands the thread's own.
   *
   * @return null if they name nothing
   * @throws IllegalArgumentException if there is no such file
   */
  static @Nullable URLClassLoader loader(String... arguments) {
    ClassPathOption option = new ClassPathOption();
    try {
      new CommandLine(option)
          .setUnmatchedArgumentsAllowed(true)
          .setExpandAtFiles(false)
          .setUnmatchedOptionsArePositionalParams(true)
          .setOverwrittenOptionsAllowed(true)
          .parseArgs(arguments);
    } catch (CommandLine.ParameterException e) {
      return null; // the command line as a whole says what is wrong with it
    }
    String given = option.classPath;
    if (given == null) {
      return null;
    }
    List<URL> urls = new ArrayList<>();
    for (String entry : given.split(File.pathSeparator, -1)) {
      Path path = Path.of(entry);
      if (entry.isBlank() || !Files.exists(path)) {
        throw new IllegalArgumentException(
            NAME + " names '" + entry + "', and there is no such jar or folder");
      }
      try {
        urls.add(path.toUri().toURL());
      } catch (MalformedURLException e) {
        throw new IllegalArgumentException(NAME + " " + entry + ": " + e.getMessage(), e);
      }
    }
    return new URLClassLoader(
        urls.toArray(new URL[0]), Thread.currentThread().getContextClassLoader());
  }
}
