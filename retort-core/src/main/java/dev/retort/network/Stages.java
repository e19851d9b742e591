package dev.retort.network;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which stage of a network a parameter belongs to. */
public final class Stages {
  private static final String STAGE = "stage:[0-9]+";

  private Stages() {}

  /**
   * The stage whose end is the next that is computed after the parameter's layer.
   *
   * @param parameter its name: the layer's path, and what it is there
   * @param shapes of the network's representations, in the order in which they are computed
   * @return such as {@code stage:1}; null behind the last stage, or of a layer that is not named
   */
  public static @Nullable String of(String parameter, Map<String, long[]> shapes) {
    String layer = parameter.substring(0, Math.max(0, parameter.lastIndexOf('.')));
    boolean behind = false;
    for (String name : shapes.keySet()) {
      if (behind && name.matches(STAGE)) {
        return name;
      }
      behind |= name.equals(layer);
    }
    return null;
  }
}
