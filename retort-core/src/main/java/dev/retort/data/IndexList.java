package dev.retort.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;

/** A committed list of image indices: numbers between white space, lines of # are comments. */
final class IndexList {
  private IndexList() {}

  /**
   * The indices in a resource, of this package unless its name is absolute, in the order written.
   */
  static int[] read(String resource) {
    try (InputStream stream = IndexList.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new IllegalStateException("the resource " + resource + " is missing from the build");
      }
      return new BufferedReader(new InputStreamReader(stream, StandardCharsets.US_ASCII))
          .lines()
          .filter(line -> !line.startsWith("#"))
          .flatMapToInt(line -> Arrays.stream(line.split(" ")).mapToInt(Integer::parseInt))
          .toArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The indices of 0 … n−1 that are not listed, in ascending order. */
  static int[] others(int[] listed, int n) {
    BitSet rest = new BitSet(n);
    rest.set(0, n);
    for (int index : listed) {
      rest.clear(index);
    }
    return rest.stream().toArray();
  }
}
