package dev.retort.cli;

import dev.retort.data.Dataset;
import dev.retort.data.Splits;
import java.util.Locale;

/** Which images of a data set. */
enum Split {
  TEST,
  VALIDATION,
  TRAIN;

  Dataset of(Splits data) {
    return switch (this) {
      case TEST -> data.test();
      case VALIDATION -> data.validation();
      case TRAIN -> data.train();
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
