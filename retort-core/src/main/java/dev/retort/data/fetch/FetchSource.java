package dev.retort.data.fetch;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;

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

  /**
   * Reads SOURCE as it is written on the command line: an address, or the path of an archive or a
   * folder.
   *
   * @param base what a relative path starts from
   * @throws IllegalArgumentException if it is none of these
   */
  static FetchSource parse(String text, Path base) {
    int scheme = text.indexOf("://");
    if (scheme < 0) {
      if (text.isBlank()) {
        throw new IllegalArgumentException("no source is given");
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
