package dev.retort.network;

import dev.retort.data.ImageShape;

/** What every network of the zoo is beside its layers. */
abstract class ZooNetwork implements Network {
  private final String name;
  private final ImageShape input;
  private final int classes;
  private final State state;

  ZooNetwork(String name, ImageShape input, int classes, State state) {
    this.name = name;
    this.input = input;
    this.classes = classes;
    this.state = state;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final ImageShape input() {
    return input;
  }

  @Override
  public final int classes() {
    return classes;
  }

  @Override
  public final State state() {
    return state;
  }
}
