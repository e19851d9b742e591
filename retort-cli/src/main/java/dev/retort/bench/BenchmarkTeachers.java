package dev.retort.bench;

import dev.retort.data.Splits;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.Device;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.network.DataInitialized;
import dev.retort.network.ForwardPass;
import dev.retort.network.Network;
import dev.retort.network.Networks;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelInfo;
import java.util.Map;
import java.util.Set;

/** Teachers whose answers do not matter, only what they cost. */
final class BenchmarkTeachers {
  private static final int CALIBRATION_BATCHES = 30;
  private static final int CALIBRATION_BATCH_SIZE = 32;

  private BenchmarkTeachers() {}

  /**
   * A network with random weights, whose normalisations know the statistics of its maps: without
   * them the signal would double with each block. Its tensors belong to the innermost open scope.
   */
  static LoadedModel untrained(String network, Splits data) {
    Network made =
        Networks.create(
            network,
            data.inputShape(),
            data.classes().size(),
            Precision.FP32.parameterType(),
            RandomSource.of(0, "bench teacher"));
    try (BatchStream stream =
            BatchStream.evaluation(
                data.train(),
                data.inputShape(),
                data.statistics(),
                CALIBRATION_BATCH_SIZE,
                Precision.FP32);
        NoGrad noGrad = NoGrad.open()) {
      int batches = 0;
      for (Batch batch : stream.all()) {
        if (batches++ == CALIBRATION_BATCHES) {
          break;
        }
        if (batches == 1 && made instanceof DataInitialized unfinished) {
          unfinished.initialize(batch.images());
        }
        try (TensorScope scope = TensorScope.open()) {
          ForwardPass.run(made, batch.images(), true, Set.of(), Precision.FP32, Device.CPU);
        }
      }
    }
    return new LoadedModel(
        made, new ModelInfo(data.classes(), data.statistics(), Map.of("weights", "random")));
  }
}
