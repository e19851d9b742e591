package dev.retort.adversary;

import dev.retort.distill.ObjectiveSettings;
import dev.retort.optimization.Adam;
import dev.retort.study.config.ConfigurationReader;
import org.jspecify.annotations.NullUnmarked;

/** An objective's settings as a configuration's reader makes them of YAML. */
@NullUnmarked
final class MadeSettings {
  private MadeSettings() {}

  /** Of an adversary, from what stands between the braces. */
  static AdversarySettings adversary(String keys) {
    return (AdversarySettings) of("adversary: {" + keys + "}");
  }

  /** One plain step. */
  static InnerProblem.Settings inner() {
    return new InnerProblem.Settings(1, 1e-3, new Adam.Settings(0.5, 0.9, 1e-8), 1, null, 0, 0);
  }

  static ObjectiveSettings of(String objective) {
    return ConfigurationReader.standard()
        .method("{name: made, objectives: [{" + objective + "}]}")
        .objectives()
        .get(0);
  }
}
