package dev.retort.network;

import dev.retort.data.ImageShape;

/** A network of a test's own: all but what it computes. */
public abstract class MadeNetwork implements Network {
  private final String name;
  private final ImageShape input;
  private final int classes;
  private final State state;

  protected MadeNetwork(String name, ImageShape input, int classes, State state) {
    this.name = name;
    this.input = input;
    this.classes = classes;
    this.state = state;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public ImageShape input() {
    return input;
  }

  @Override
  public int classes() {
    return classes;
  }

  @Override
  public State state() {
    return state;
  }
}
