package dev.retort.adversary;

import dev.retort.distill.ObjectiveSettings;
import dev.retort.distill.Pairing;
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

  /** The first one that such settings build. */
  static Adversary adversary(String keys, Pairing pairing) {
    return (Adversary) adversary(keys).build(pairing).get(0);
  }

  static ObjectiveSettings of(String objective) {
    return ConfigurationReader.standard()
        .method("{name: made, objectives: [{" + objective + "}]}")
        .objectives()
        .get(0);
  }
}
