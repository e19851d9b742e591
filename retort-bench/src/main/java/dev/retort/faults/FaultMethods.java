package dev.retort.faults;

import dev.retort.study.config.MethodPresets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The methods that faults are done to: every preset, and what no preset has of an adversary. */
final class FaultMethods {
  private FaultMethods() {}

  /** YAML of each method, by name. */
  static Map<String, String> all() {
    Map<String, String> methods = new LinkedHashMap<>();
    for (MethodPresets.Preset preset : MethodPresets.all(MethodPresets.objectives())) {
      methods.put(preset.name(), preset.name());
    }
    adversary(methods, "replay-restart", "loss: hinge, replay: 3, restart: 7, steps: 2");
    adversary(methods, "convergence", "steps: 3, convergence: {heldOut: 0.25, tolerance: 0.001}");
    adversary(methods, "adaptive-beta", "weight: {adaptiveBeta: 1}");
    adversary(methods, "unrolled", "unroll: 1");
    adversary(methods, "gaussian", "distribution: {gaussian: {sigma: 0.1, annealed: true}}");
    adversary(
        methods,
        "spectral-misaligned",
        "loss: relativistic, penalty: {r1: 0.05, r2: 0.05}, discriminator: {condition:"
            + " label-projection, spectralNormalization: true, misaligned: other-class}");
    return methods;
  }

  private static void adversary(Map<String, String> methods, String name, String settings) {
    methods.put(
        name,
        "{name: %s, objectives: [cross-entropy, adversary: {on: [logits, embedding], %s}]}"
            .formatted(name, settings));
  }
}
