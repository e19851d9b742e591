package dev.retort.network;

import dev.retort.data.ImageShape;
import java.util.Set;

/**
 * Networks from outside: implement this and name the class in {@code
 * META-INF/services/dev.retort.network.NetworkProvider} of your jar, and {@link Networks} finds
 * them.
 */
public interface NetworkProvider {
  /** The names of its networks; a name of the zoo is refused. */
  Set<String> names();

  /**
   * A new network with initial weights.
   *
   * @param name one of {@link #names()}, which the network must return as its own
   * @param input the images that it shall read
   * @param classes at least 2
   * @param state an empty state in which the network declares its tensors
   * @throws IllegalArgumentException if it cannot read images of that shape
   */
  Network create(String name, ImageShape input, int classes, State state);
}
