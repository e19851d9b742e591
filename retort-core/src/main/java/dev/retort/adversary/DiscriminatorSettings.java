package dev.retort.adversary;

import dev.retort.network.State;
import dev.retort.system.Providers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * YAML: {@code discriminator: {architecture: auto, hidden: [128, 128], channels: [64, 128],
 * condition: none, spectralNormalization: false, misaligned: none}}.
 *
 * @param architecture {@code mlp}, {@code convolutional}, the name of a {@link
 *     DiscriminatorProvider}, or {@code auto}: convolutional for maps and an MLP for vectors
 * @param hidden the widths of an MLP's hidden layers
 * @param channels of a convolutional discriminator's layers
 * @param condition how it knows which image a representation is of; {@code pair}: by the teacher's
 *     answer to another view of it (not with {@code views: 1}, nor without augmentation)
 * @param spectralNormalization whether every weight is divided by its largest singular value
 * @param misaligned which of the teacher's representations of other images are fakes too; {@code
 *     same-class} needs the condition {@code pair}, the others that or one of the label
 */
public record DiscriminatorSettings(
    String architecture,
    List<Integer> hidden,
    List<Integer> channels,
    Conditioning condition,
    boolean spectralNormalization,
    Misalignment misaligned) {
  private static final String AUTO = "auto";
  private static final String MLP = "mlp";
  private static final String CONVOLUTIONAL = "convolutional";
  private static final List<String> OWN = List.of(AUTO, MLP, CONVOLUTIONAL);

  /** The values of keys that are left out. */
  public static final DiscriminatorSettings DEFAULTS =
      new DiscriminatorSettings(
          AUTO, List.of(128, 128), List.of(64, 128), Conditioning.NONE, false, Misalignment.NONE);

  public DiscriminatorSettings {
    hidden = widths("hidden", hidden);
    channels = widths("channels", channels);
    misaligned.require(condition);
    boolean joins = condition == Conditioning.PAIR || condition == Conditioning.LABEL_CONCATENATION;
    if (joins && hidden.isEmpty() && !architecture.equals(CONVOLUTIONAL)) {
      throw new IllegalArgumentException(
          "a discriminator without hidden layers adds up what it reads: its gradient would not know the condition");
    }
    if (channels.isEmpty()) {
      throw new IllegalArgumentException("channels must name at least one layer's width");
    }
  }

  static List<Integer> widths(String key, List<Integer> widths) {
    for (Integer width : widths) {
      if (width == null || width < 1) {
        throw new IllegalArgumentException(key + " must be whole numbers from 1, not " + widths);
      }
    }
    return List.copyOf(widths);
  }

  /** These settings with another condition. */
  DiscriminatorSettings with(Conditioning other) {
    return new DiscriminatorSettings(
        architecture, hidden, channels, other, spectralNormalization, misaligned);
  }

  /**
   * A new discriminator.
   *
   * @param shape of what it reads
   * @param state empty: where its parameters will be
   * @throws IllegalArgumentException if the architecture is not known or cannot read such a shape,
   *     or a provider gives its own a name that is taken
   */
  Discriminator create(long[] shape, int classes, State state) {
    Map<String, DiscriminatorProvider> provided = provided();
    String chosen =
        architecture.equals(AUTO) ? (shape.length == 1 ? MLP : CONVOLUTIONAL) : architecture;
    return switch (chosen) {
      case MLP ->
          new LayeredDiscriminator(
              false, shape[0], hidden, condition, classes, spectralNormalization, state);
      case CONVOLUTIONAL -> {
        if (shape.length == 1) {
          throw new IllegalArgumentException(
              "a convolutional discriminator reads maps, not vectors of "
                  + shape[0]
                  + " values; take architecture: mlp");
        }
        yield new LayeredDiscriminator(
            true, shape[0], channels, condition, classes, spectralNormalization, state);
      }
      default -> {
        DiscriminatorProvider provider = provided.get(chosen);
        if (provider == null) {
          List<String> names = new ArrayList<>(OWN);
          names.addAll(provided.keySet());
          throw new IllegalArgumentException(
              "there is no discriminator architecture '" + chosen + "'; there are " + names);
        }
        yield provider.create(this, shape.clone(), classes, state);
      }
    };
  }

  /** Those from outside, by name. */
  private static Map<String, DiscriminatorProvider> provided() {
    Map<String, DiscriminatorProvider> provided = new LinkedHashMap<>();
    Providers.each(
        DiscriminatorProvider.class,
        "a discriminator provider",
        provider -> {
          String name = provider.name();
          if (OWN.contains(name) || provided.putIfAbsent(name, provider) != null) {
            throw Providers.taken(provider, "discriminator " + name);
          }
        });
    return provided;
  }
}
