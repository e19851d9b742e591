package dev.retort.bench;

import dev.retort.data.Splits;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.system.TemporaryFolder;
import dev.retort.teacher.CachedTeacher;
import dev.retort.teacher.NetworkTeacher;
import dev.retort.teacher.Teacher;
import dev.retort.teacher.TeacherCache;
import dev.retort.weights.LoadedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A teacher in the three states that a run finds one in. */
final class MeasuredTeacher implements AutoCloseable {
  private final Splits data;
  private final Precision precision;
  private final NetworkTeacher network;
  private final TemporaryFolder folder = new TemporaryFolder();
  private final List<CachedTeacher> handedOut = new ArrayList<>();

  /** The model's tensors and this teacher's belong to the innermost open scope. */
  MeasuredTeacher(LoadedModel model, Splits data, Precision precision) {
    this.data = data;
    this.precision = precision;
    this.network = new NetworkTeacher(model, data.statistics(), precision, Device.CPU);
  }

  /** It computes its outputs at each step, and keeps none. */
  Teacher live(Set<String> taps) {
    return cached(taps, TeacherCache.none());
  }

  /** It computes its outputs where it has not kept them yet: nowhere, at first. */
  Teacher keeping(Set<String> taps) {
    String name = Integer.toString(handedOut.size());
    return cached(taps, new TeacherCache(folder.path().resolve(name), Long.MAX_VALUE));
  }

  /** It has kept its outputs for some views of all images, and computes nothing. */
  Teacher remembered(Set<String> taps, int views) {
    Teacher teacher = keeping(taps);
    try (BatchStream stream =
        BatchStream.training(
            data.train(),
            data.inputShape(),
            data.statistics(),
            BenchmarkData.plan(0, views),
            precision)) {
      for (int view = 0; view < views; view++) {
        for (Batch batch : stream.epoch(view, 0)) {
          try (TensorScope scope = TensorScope.open()) {
            teacher.activations(batch, taps);
          }
        }
      }
    }
    return teacher;
  }

  /** The network itself, for who only asks for its shapes. */
  Teacher network() {
    return network;
  }

  private Teacher cached(Set<String> taps, TeacherCache cache) {
    CachedTeacher teacher = new CachedTeacher(network, taps, precision, cache);
    handedOut.add(teacher);
    return teacher;
  }

  @Override
  public void close() {
    handedOut.forEach(CachedTeacher::close);
    folder.close();
  }
}
