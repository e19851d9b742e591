package dev.retort.export;

import dev.retort.data.Dataset;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.network.ForwardPass;
import dev.retort.weights.LoadedModel;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** The model that an export is made of, as it classifies in fp32 on the processor. */
record ReferenceModel(LoadedModel model) {
  /**
   * Images as the model reads them. Last bits of what is computed of them depend on their number in
   * a batch.
   */
  BatchStream batches(Dataset images, int batchSize) {
    return BatchStream.evaluation(
        images, model.network().input(), model.info().statistics(), batchSize, Precision.FP32);
  }

  /** The logits {@code [N, classes]} of normalised images {@code [N, C, H, W]}. */
  Tensor logits(Tensor images) {
    return ForwardPass.run(model.network(), images, false, Set.of(), Precision.FP32, Device.CPU)
        .logits();
  }
}
