package dev.retort.cli;

/** What MODEL may be, as the help of the commands says it. */
final class ModelArgument {
  private static final String NETWORKS =
      "bundled:cifar10, a model file (safetensors) of Retort's, the folder of a finished run,";

  private static final String STATE =
      " NETWORK:FILE for a state dictionary (safetensors, .pth or .pt)";

  private static final String PROGRAM = " an ONNX or TorchScript file (.onnx, .pt)";

  /** Where only a network of Retort's will do. */
  static final String NETWORK = NETWORKS + " or" + STATE + ".";

  /** Where a program of another framework will do, too. */
  static final String MODEL = NETWORKS + STATE + ", or" + PROGRAM + ".";

  /** Where the outputs of a model are enough. */
  static final String MODEL_OR_OUTPUTS =
      NETWORKS
          + STATE
          + ","
          + PROGRAM
          + ", or recorded:FILE for outputs of a model (safetensors, .npz, .npy).";

  private ModelArgument() {}
}
