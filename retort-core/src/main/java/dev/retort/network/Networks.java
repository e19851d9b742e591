package dev.retort.network;

import dev.retort.data.ImageShape;
import dev.retort.engine.RandomSource;
import dev.retort.system.NearestNames;
import dev.retort.system.Providers;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Creates networks by name: those of the zoo, and those of every {@link NetworkProvider} on the
 * class path.
 */
public final class Networks {
  private static final Map<String, Architecture> ZOO = architectures();

  private Networks() {}

  /** Declares a network's layers in an empty state. */
  private interface Architecture {
    Network create(String name, ImageShape input, int classes, State state);
  }

  private static Map<String, Architecture> architectures() {
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
    zoo.put("vgg8", vgg(1, 1, 1, 1, 1));
    zoo.put("vgg11", vgg(1, 1, 2, 2, 2));
    zoo.put("vgg13", vgg(2, 2, 2, 2, 2));
    zoo.put("shufflev1", ShuffleNetV1::new);
    zoo.put("shufflev2", ShuffleNetV2::new);
    zoo.put("mobilenetv2", MobileNetV2::cifar);
    zoo.put("airnet94", airNet(64, 256, 256));
    zoo.put("airnet95", airNet(128, 384, 384));
    zoo.put("torchvision-resnet18", torchvisionResNet(false, 2, 2, 2, 2));
    zoo.put("torchvision-resnet34", torchvisionResNet(false, 3, 4, 6, 3));
    zoo.put("torchvision-resnet50", torchvisionResNet(true, 3, 4, 6, 3));
    zoo.put("torchvision-mobilenet_v2", MobileNetV2::torchvision);
    return zoo;
  }

  private static Architecture cifarResNet(int depth, int stemWidth, int... widths) {
    int[] blocks = new int[widths.length];
    Arrays.fill(blocks, (depth - 2) / 6);
    return (name, input, classes, state) ->
        new ResNet(name, false, stemWidth, widths, blocks, false, input, classes, state);
  }

  private static Architecture wideResNet(int depth, int widthFactor) {
    return (name, input, classes, state) ->
        new WideResNet(name, depth, widthFactor, input, classes, state);
  }

  private static Architecture vgg(int... convolutions) {
    return (name, input, classes, state) -> new Vgg(name, convolutions, input, classes, state);
  }

  private static Architecture torchvisionResNet(boolean bottleneck, int... blocks) {
    int[] widths = {64, 128, 256, 512};
    return (name, input, classes, state) ->
        new ResNet(name, true, widths[0], widths, blocks, bottleneck, input, classes, state);
  }

  private static Architecture airNet(int... widths) {
    return (name, input, classes, state) -> new AirNet(name, widths, input, classes, state);
  }

  /** Every name that {@link #create} knows: the zoo's, smallest of a family first, then others'. */
  public static List<String> names() {
    return List.copyOf(withProvided().keySet());
  }

  /** Retort's own among them. */
  public static List<String> zoo() {
    return List.copyOf(ZOO.keySet());
  }

  /**
   * A new network with initial weights, which belong to the innermost open {@link
   * dev.retort.engine.TensorScope}.
   *
   * @param name such as {@code resnet20}; see {@link #names()}
   * @param input the images that it shall read
   * @param classes at least 2
   * @param type of its parameters
   * @param random where its initial weights come from
   * @throws IllegalArgumentException if no network has that name (the message has the nearest
   *     names), or it cannot be made for such images
   * @throws IllegalStateException if its provider makes one of another name, input or classes, or
   *     no scope is open
   */
  public static Network create(
      String name, ImageShape input, int classes, ScalarType type, RandomSource random) {
    if (classes < 2) {
      throw new IllegalArgumentException(
          "a classifier needs at least 2 classes, not " + classes + " (network " + name + ")");
    }
    Network made = architecture(name).create(name, input, classes, new State(type, random));
    if (!made.name().equals(name) || !made.input().equals(input) || made.classes() != classes) {
      throw new IllegalStateException(
          "asked for network %s, of %s to %d classes, its provider made %s, of %s to %d"
              .formatted(name, input, classes, made.name(), made.input(), made.classes()));
    }
    return made;
  }

  /**
   * Looks for a network.
   *
   * @throws IllegalArgumentException if none has that name; the message has the nearest names
   */
  public static void require(String name) {
    architecture(name);
  }

  /** Whether it is a network of Retort's own. */
  static boolean isOfZoo(String name) {
    return ZOO.containsKey(name);
  }

  private static Architecture architecture(String name) {
    Architecture inTheZoo = ZOO.get(name);
    if (inTheZoo != null) {
      return inTheZoo;
    }
    Map<String, Architecture> all = withProvided();
    Architecture provided = all.get(name);
    if (provided == null) {
      throw new IllegalArgumentException(
          "there is no network '%s'; did you mean %s? (retort list networks)"
              .formatted(name, String.join(", ", NearestNames.of(name, all.keySet()))));
    }
    return provided;
  }

  private static Map<String, Architecture> withProvided() {
    Map<String, Architecture> all = new LinkedHashMap<>(ZOO);
    Providers.each(
        NetworkProvider.class,
        "a network provider",
        provider -> {
          for (String name : new TreeSet<>(provider.names())) {
            if (all.putIfAbsent(name, provider::create) != null) {
              throw Providers.taken(provider, "network " + name);
            }
          }
        });
    return all;
  }
}
