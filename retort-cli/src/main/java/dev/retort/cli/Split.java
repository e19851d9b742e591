package dev.retort.cli;

import dev.retort.data.DataException;
import dev.retort.data.Dataset;
import dev.retort.data.Splits;
import java.util.Locale;

/** Which images of a data set. */
enum Split {
  TEST,
  VALIDATION,
  TRAIN;

  /**
   * The images of that part.
   *
   * @throws DataException if there are none
   */
  Dataset of(Splits data) {
    Dataset images =
        switch (this) {
          case TEST -> data.test();
          case VALIDATION -> data.validation();
          case TRAIN -> data.train();
        };
    if (images.size() == 0) {
      throw new DataException(data.name() + " has no " + this + " images");
    }
    return images;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
