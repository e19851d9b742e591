package dev.retort.network;

import dev.retort.data.ImageShape;
import dev.retort.engine.RandomSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Creates networks by name: those of the zoo, and those of every {@link NetworkProvider} on the
 * class path.
 */
public final class Networks {
  private static final Map<String, Architecture> ZOO = zoo();

  private Networks() {}

  /** Declares a network's layers in an empty state. */
  private interface Architecture {
    Network create(String name, ImageShape input, int classes, State state);
  }

  private static Map<String, Architecture> zoo() {
    Map<String, Architecture> zoo = new LinkedHashMap<>();
    for (int depth : new int[] {8, 14, 20, 32, 44, 56, 110}) {
      zoo.put("resnet" + depth, cifarResNet(depth, 16, 16, 32, 64));
    }
    zoo.put("resnet8x4", cifarResNet(8, 32, 64, 128, 256));
    zoo.put("resnet32x4", cifarResNet(32, 32, 64, 128, 256));
    zoo.put("wrn_16_1", wideResNet(16, 1));
    zoo.put("wrn_16_2", wideResNet(16, 2));
    zoo.put("wrn_40_1", wideResNet(40, 1));
    zoo.put("wrn_40_2", wideResNet(40, 2));
    zoo.put("airnet94", airNet(64, 256, 256));
    zoo.put("airnet95", airNet(128, 384, 384));
    return zoo;
  }

  private static Architecture cifarResNet(int depth, int stemWidth, int... widths) {
    return (name, input, classes, state) ->
        new CifarResNet(name, depth, stemWidth, widths, input, classes, state);
  }

  private static Architecture wideResNet(int depth, int widthFactor) {
    return (name, input, classes, state) ->
        new WideResNet(name, depth, widthFactor, input, classes, state);
  }

  private static Architecture airNet(int... widths) {
    return (name, input, classes, state) -> new AirNet(name, widths, input, classes, state);
  }

  /** Every name that {@link #create} knows: the zoo's, smallest of a family first, then others'. */
  public static List<String> names() {
    List<String> names = new ArrayList<>(ZOO.keySet());
    for (NetworkProvider provider : ServiceLoader.load(NetworkProvider.class)) {
      provider.names().stream().sorted().forEach(names::add);
    }
    return names;
  }

  /**
   * A new network with initial weights.
   *
   * @param name such as {@code resnet20}; see {@link #names()}
   * @param input the images that it shall read
   * @param classes at least 2
   * @param type of its parameters
   * @param random where its initial weights come from
   * @throws IllegalArgumentException if no network has that name (the message has the nearest
   *     names), or it cannot be made for such images
   */
  public static Network create(
      String name, ImageShape input, int classes, ScalarType type, RandomSource random) {
    if (classes < 2) {
      throw new IllegalArgumentException(
          "a classifier needs at least 2 classes, not " + classes + " (network " + name + ")");
    }
    Architecture architecture = ZOO.get(name);
    if (architecture == null) {
      architecture = provided(name);
    }
    return architecture.create(name, input, classes, new State(type, random));
  }

  private static Architecture provided(String name) {
    for (NetworkProvider provider : ServiceLoader.load(NetworkProvider.class)) {
      if (provider.names().contains(name)) {
        return provider::create;
      }
    }
    throw new IllegalArgumentException(
        "no network is named '"
            + name
            + "'; did you mean "
            + String.join(", ", NearestNames.of(name, names()))
            + "? (retort list networks)");
  }
}
