package dev.retort.adversary;

import dev.retort.data.Augmentation;
import dev.retort.data.Dataset;
import dev.retort.data.Splits;
import dev.retort.data.Subset;
import dev.retort.data.batch.Batch;
import dev.retort.data.batch.BatchStream;
import dev.retort.distill.LayerPair;
import dev.retort.distill.Pairing;
import dev.retort.engine.NoGrad;
import dev.retort.engine.Precision;
import dev.retort.engine.RandomSource;
import dev.retort.engine.TensorScope;
import dev.retort.engine.Tensors;
import dev.retort.network.Activations;
import dev.retort.network.State;
import dev.retort.teacher.Teacher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;

/**
 * Measures how distinguishable two trained networks are: a fresh discriminator for each
 * representation, cross-fitted on images that neither network has learnt from. Where an adversary's
 * own D says how the two look to that D, this says how they look to one that has had the time to
 * learn; it is the same for every student, however that was trained.
 *
 * <p>The logits are read as they are. Any other representation of the student goes through a {@link
 * LeastSquaresConnector} to the teacher's, fitted on training images; maps are pooled to the
 * smaller one first. {@code weights} are the kernels' slices, as {@link KernelSlices} has them.
 *
 * <p>The networks compute where they are; the discriminators, which are small, on the CPU.
 */
public final class Probe {
  private static final int BATCH = 128;

  private final Teacher teacher;
  private final Splits data;
  private final Dataset heldOut;
  private final Settings settings;
  private final List<Activations> ofTraining;
  private final List<Activations> ofHeldOut;
  private final List<Activations> ofSecondViews = new ArrayList<>();

  /**
   * What is read, and by whom.
   *
   * @param on the representations, a discriminator each: layers, or {@code weights}
   * @param encoding what is done to both networks' representations before D reads them
   * @param condition what D knows of the images; none compares the marginals
   * @param images how many images at most are drawn of the held-out ones, and how many training
   *     images a connector is fitted on; of {@code weights}, how many slices
   * @param seed of the images, the folds, the discriminators and the resamples
   */
  public record Settings(
      List<LayerPair> on, Encoding encoding, Conditioning condition, int images, long seed) {
    public Settings {
      on = List.copyOf(on);
      if (on.isEmpty()) {
        throw new IllegalArgumentException("a probe reads at least one representation");
      }
      if (images < 1) {
        throw new IllegalArgumentException("images must be at least 1, not " + images);
      }
    }
  }

  /**
   * A probe of one teacher, whose representations it reads once and keeps in the innermost open
   * {@link TensorScope}.
   *
   * @param data whose training images connectors are fitted on
   * @param heldOut images that no network has learnt from
   * @throws IllegalArgumentException if the teacher lacks a representation, or there are no
   *     training images to fit connectors on
   */
  public Probe(Teacher teacher, Splits data, Dataset heldOut, Settings settings) {
    this.teacher = teacher;
    this.data = data;
    this.heldOut = some(heldOut, settings);
    this.settings = settings;
    boolean fits =
        settings.on().stream().anyMatch(pair -> !isWeights(pair) && ProbedLayer.needsFit(pair));
    if (fits && data.train().size() == 0) {
      throw new IllegalArgumentException(
          data.name()
              + " has no training images, by which layers of two networks are made comparable: probe their logits alone, or give data with a training part");
    }
    this.ofTraining = fits ? read(training(), false) : List.of();
    this.ofHeldOut = readsLayers() ? read(this.heldOut, readsPairs()) : List.of();
  }

  private Dataset training() {
    return some(data.train(), settings);
  }

  private boolean readsLayers() {
    return !settings.on().stream().allMatch(Probe::isWeights);
  }

  /** The teacher's representations batch by batch, and those of another view where D needs them. */
  private List<Activations> read(Dataset dataset, boolean secondViews) {
    List<Activations> all = new ArrayList<>();
    Set<String> taps = taps(LayerPair::teacher);
    try (BatchStream stream = stream(dataset);
        NoGrad noGrad = NoGrad.open()) {
      for (Batch batch : stream.all()) {
        try (TensorScope scope = TensorScope.open()) {
          all.add(teacher.activations(batch, taps).map(scope::keep));
          if (secondViews) {
            Batch other = stream.secondView(batch, 0);
            ofSecondViews.add(teacher.activations(other, taps).map(scope::keep));
          }
        }
      }
    }
    return all;
  }

  private static Dataset some(Dataset dataset, Settings settings) {
    return Subset.drawn(
        dataset, settings.images(), RandomSource.of(settings.seed(), "probed images"));
  }

  /** How many images are read of the held-out ones. */
  public int images() {
    return heldOut.size();
  }

  /**
   * How well a student can be told from the teacher, by the representations' names.
   *
   * @param student a network too: frozen, and read as the teacher is
   * @throws IllegalArgumentException if the networks lack a representation, it cannot be compared,
   *     or there are too few images
   */
  public Map<String, Distinguishability> of(Teacher student) {
    try (TensorScope scope = TensorScope.open()) {
      RandomSource random = RandomSource.of(settings.seed(), "probe");
      Pairing pairing = pairing(student, random);
      Map<LayerPair, ProbedLayer> layers = new LinkedHashMap<>();
      for (LayerPair pair : settings.on()) {
        if (!isWeights(pair)) {
          layers.put(
              pair, new ProbedLayer(pair, settings.encoding(), pairing, images(), readsPairs()));
        }
      }
      Tensor labels = read(layers.values(), student);
      Map<String, Distinguishability> found = new LinkedHashMap<>();
      for (LayerPair pair : settings.on()) {
        ProbedLayer layer = layers.get(pair);
        if (layer == null) {
          found.putAll(ofWeights(pairing, random));
        } else {
          RandomSource ofLayer = random.at(pair.toString());
          found.put(
              pair.toString(),
              judge(layer.teacher(labels), layer.student(labels), layer.shape(), true, ofLayer));
        }
      }
      return found;
    }
  }

  private Tensor read(Collection<ProbedLayer> layers, Teacher student) {
    try (NoGrad noGrad = NoGrad.open()) {
      fit(layers, student);
      return keep(layers, student);
    }
  }

  private Pairing pairing(Teacher student, RandomSource random) {
    return new Pairing(
        teacher.shapes(),
        student.shapes(),
        data.classes().size(),
        data.train().size(),
        Precision.FP32.parameterType(),
        random,
        teacher.state(),
        student.state());
  }

  private static boolean isWeights(LayerPair pair) {
    return pair.equals(LayerPair.of(KernelSlices.NAME));
  }

  private boolean readsPairs() {
    return settings.condition() == Conditioning.PAIR;
  }

  /** Fits the connectors on training images. */
  private void fit(Collection<ProbedLayer> layers, Teacher student) {
    List<ProbedLayer> unfitted = layers.stream().filter(ProbedLayer::needsFit).toList();
    if (unfitted.isEmpty()) {
      return;
    }
    Iterator<Activations> ofTeacher = ofTraining.iterator();
    try (BatchStream stream = stream(training())) {
      for (Batch batch : stream.all()) {
        try (TensorScope scope = TensorScope.open()) {
          Activations known = ofTeacher.next();
          Activations ofStudent = student.activations(batch, taps(LayerPair::student));
          unfitted.forEach(layer -> layer.fit(known, ofStudent));
        }
      }
    }
    unfitted.forEach(ProbedLayer::fitted);
  }

  /** Reads the held-out images, and gives their labels. */
  private Tensor keep(Collection<ProbedLayer> layers, Teacher student) {
    long[] labels = new long[images()];
    if (!layers.isEmpty()) {
      Iterator<Activations> ofTeacher = ofHeldOut.iterator();
      Iterator<Activations> secondViews = ofSecondViews.iterator();
      try (BatchStream stream = stream(heldOut)) {
        for (Batch batch : stream.all()) {
          try (TensorScope scope = TensorScope.open()) {
            int first = batch.samples()[0];
            Activations known = ofTeacher.next();
            Activations ofStudent = student.activations(batch, taps(LayerPair::student));
            Activations other = secondViews.hasNext() ? secondViews.next() : null;
            layers.forEach(layer -> layer.keep(first, known, ofStudent, other));
            long[] ofBatch = Tensors.toLongs(batch.labels());
            System.arraycopy(ofBatch, 0, labels, first, ofBatch.length);
          }
        }
      }
    }
    return Tensors.of(labels, labels.length);
  }

  private BatchStream stream(Dataset dataset) {
    return BatchStream.evaluation(
        dataset,
        data.inputShape(),
        data.statistics(),
        BATCH,
        Augmentation.STANDARD,
        Precision.FP32,
        false,
        0,
        1);
  }

  private Set<String> taps(Function<LayerPair, String> side) {
    return settings.on().stream()
        .filter(pair -> !isWeights(pair))
        .map(side)
        .collect(Collectors.toUnmodifiableSet());
  }

  private Map<String, Distinguishability> ofWeights(Pairing pairing, RandomSource random) {
    if (settings.condition() != Conditioning.NONE) {
      throw new IllegalArgumentException(
          "kernels are not of images, so a discriminator of weights can be told nothing of them");
    }
    Map<String, Distinguishability> found = new LinkedHashMap<>();
    for (KernelSlices kernels : KernelSlices.of(KernelSlices.Settings.DEFAULTS, pairing)) {
      RandomSource ofKernels = random.at(kernels.name());
      found.put(
          kernels.name(),
          judge(
              some(kernels.allOfTeacher(), ofKernels.at("teacher")),
              some(kernels.allOfStudent(), ofKernels.at("student")),
              kernels.shape(),
              false,
              ofKernels));
    }
    return found;
  }

  /** As many slices as images are asked for, encoded, drawn without replacement. */
  private Samples some(Tensor all, RandomSource random) {
    Tensor slices = settings.encoding().encode(all);
    int[] order = random.permutation(Math.toIntExact(slices.size(0)));
    long[] index = Arrays.stream(order).limit(settings.images()).asLongStream().toArray();
    return new Samples(
        slices.detach().cpu().index_select(0, Tensors.of(index, index.length)), Condition.NONE);
  }

  private Distinguishability judge(
      Samples ofTeacher, Samples ofStudent, long[] shape, boolean paired, RandomSource random) {
    DiscriminatorSettings discriminator = DiscriminatorSettings.DEFAULTS.with(settings.condition());
    CrossFitting fitting =
        new CrossFitting(
            CrossFitting.Settings.STANDARD,
            source ->
                discriminator.create(
                    shape,
                    data.classes().size(),
                    new State(Precision.FP32.parameterType(), source)),
            random);
    return Distinguishability.of(
        fitting.judge(ofTeacher, ofStudent, paired), paired, random.at("resamples"));
  }
}
