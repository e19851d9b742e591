package dev.retort.adversary;

import dev.retort.network.State;

/**
 * Discriminators from outside: implement this and name the class in {@code
 * META-INF/services/dev.retort.adversary.DiscriminatorProvider} of your jar, and {@code
 * discriminator: {architecture: NAME}} finds it.
 */
public interface DiscriminatorProvider {
  /** The name of its architecture in a configuration: one that neither Retort nor another has. */
  String name();

  /**
   * Declares a new discriminator's parameters in an empty state.
   *
   * @param settings as configured
   * @param shape of one encoded representation: {@code {d}} or {@code {C, H, W}}
   * @param classes the number of classes
   * @param state that it shall have
   * @throws IllegalArgumentException if it cannot read such a representation, or does not do what
   *     the settings ask for
   */
  Discriminator create(DiscriminatorSettings settings, long[] shape, int classes, State state);
}
