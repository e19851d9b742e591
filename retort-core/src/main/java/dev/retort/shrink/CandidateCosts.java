package dev.retort.shrink;

import dev.retort.data.Splits;
import dev.retort.engine.Processor;
import dev.retort.engine.TensorScope;
import dev.retort.export.OnnxExport;
import dev.retort.network.Network;
import dev.retort.network.NetworkSummary;
import dev.retort.onnx.OnnxModel;
import dev.retort.serving.OtherProcesses;
import dev.retort.serving.ServedFile;
import dev.retort.serving.ServingProcess;
import dev.retort.serving.Timing;
import dev.retort.serving.Timings;
import dev.retort.study.config.StudentConfiguration;
import dev.retort.training.StopRequest;
import dev.retort.weights.LoadedModel;
import dev.retort.weights.ModelInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What candidates cost to serve beside the teacher, in one process and by turns.
 *
 * @param teacher null where ONNX Runtime cannot run it
 * @param candidates in the order of the zoo, those of the caller behind them
 * @param refused why other networks are no candidates, by name
 * @param otherProcesses the cores that other processes took meanwhile; null where that is unknown
 * @param processor its name; null in records of builds that did not keep it
 */
public record CandidateCosts(
    @Nullable Candidate teacher,
    List<Candidate> candidates,
    Map<String, String> refused,
    @Nullable Double otherProcesses,
    @Nullable String processor) {
  private static final int THREADS = 1;

  /**
   * More than any processor's core does in fp32: two AVX-512 units make 32 multiply-accumulates a
   * cycle, which is 160 · 10⁹ a second at 5 GHz.
   */
  private static final double MACS_A_SECOND = 2e11;

  private static final int ALWAYS_TIMED = 5;

  /**
   * What takes longer than this many times the budget in each call of its warm-up is not timed
   * further.
   */
  private static final double CLEARLY_BEYOND = 2;

  public CandidateCosts {
    if (candidates == null || refused == null) {
      throw new IllegalArgumentException("it lacks the candidates, or why others are none");
    }
  }

  /**
   * The model that candidates are to replace.
   *
   * @param name what to call it
   * @param macs its multiply-accumulates an image, of which no candidate has more; null where they
   *     are not known: then no candidate takes longer, where it is timed
   * @param file its file; none where ONNX Runtime cannot run it
   */
  record Original(String name, @Nullable Long macs, Optional<ServedFile> file) {}

  /**
   * Writes the candidates as files, untrained, and times them.
   *
   * @param networks their names
   * @param data whose images and classes they are for
   * @param resize what the shorter side of a picture is scaled to; null for the images' own size
   * @param p50 the budget in seconds
   * @param folder for the files
   * @throws IOException if a file cannot be written, or ONNX Runtime fails
   * @throws dev.retort.training.StoppedException on request
   */
  static CandidateCosts measure(
      List<String> networks,
      Splits data,
      @Nullable Integer resize,
      Original teacher,
      double p50,
      Path folder,
      ServingProcess.Progress progress,
      StopRequest stop)
      throws IOException {
    Map<String, String> refused = new LinkedHashMap<>();
    Map<String, Long> macs = macs(networks, data, refused, stop);
    Set<String> timed = worthTiming(macs, p50);
    List<ServedFile> files = new ArrayList<>();
    List<Candidate> untimed = new ArrayList<>();
    for (String name : macs.keySet()) {
      stop.throwIfRequested();
      if (!timed.contains(name)) {
        refused.put(
            name,
            "more multiply-accumulates than any core does in %s".formatted(Quantities.time(p50)));
        continue;
      }
      if (teacher.macs() != null && Objects.requireNonNull(macs.get(name)) > teacher.macs()) {
        refused.put(name, "more multiply-accumulates than the teacher");
        continue;
      }
      try (TensorScope scope = TensorScope.open()) {
        LoadedModel model = UntrainedNetwork.of(name, data);
        Path file = folder.resolve(name + OnnxModel.ENDING);
        Files.write(file, new OnnxExport(false).bytes(model));
        long bytes = wholeFile(model.network(), data, resize, teacher.name());
        files.add(new ServedFile(file, data.inputShape(), false, CLEARLY_BEYOND * p50));
        untimed.add(new Candidate(name, macs.get(name), bytes, null));
      } catch (IllegalArgumentException e) { // a network of a user's own may have no ONNX form
        refused.put(name, String.valueOf(e.getMessage()));
      }
    }
    return time(untimed, files, teacher, refused, new ServingProcess(THREADS, stop), progress);
  }

  /**
   * The bytes of what is written in the end: it has its preprocessing, a temperature and its
   * provenance in it.
   */
  static long wholeFile(Network network, Splits data, @Nullable Integer resize, String teacher) {
    // As long as what a study's run writes.
    String digest = "0".repeat(64);
    Map<String, String> provenance = new TreeMap<>();
    provenance.put("data", data.name());
    provenance.put(ModelInfo.HELD_OUT, digest);
    if (resize != null) {
      provenance.put(ModelInfo.RESIZE, resize.toString());
    }
    provenance.put("method", "dist");
    provenance.put("seed", "1");
    provenance.put("initialisation", StudentConfiguration.RANDOM);
    provenance.put("epochs", "100");
    provenance.put("teacher", teacher + " " + digest);
    ModelInfo info = new ModelInfo(data.classes(), data.statistics(), provenance);
    return new OnnxExport(true, resize, ShrunkStudent.SOME_TEMPERATURE)
        .bytes(new LoadedModel(network, info))
        .length;
  }

  /** The multiply-accumulates of each network that can be made for the images. */
  private static Map<String, Long> macs(
      List<String> networks, Splits data, Map<String, String> refused, StopRequest stop) {
    Map<String, Long> macs = new LinkedHashMap<>();
    for (String name : networks) {
      stop.throwIfRequested();
      try (TensorScope scope = TensorScope.open()) {
        macs.put(name, NetworkSummary.of(UntrainedNetwork.create(name, data)).macs());
      } catch (IllegalArgumentException e) {
        refused.put(name, String.valueOf(e.getMessage()));
      }
    }
    return macs;
  }

  /**
   * Times the candidates and the teacher by turns.
   *
   * @param files of the candidates, in their order
   * @param refused gets those that take longer than a teacher of unknown work
   */
  private static CandidateCosts time(
      List<Candidate> untimed,
      List<ServedFile> files,
      Original teacher,
      Map<String, String> refused,
      ServingProcess process,
      ServingProcess.Progress progress)
      throws IOException {
    OtherProcesses others = OtherProcesses.watch();
    List<ServedFile> all = new ArrayList<>(files);
    teacher.file().ifPresent(all::add);
    List<Timings> timings = process.timeSingle(all, progress);
    List<Candidate> costs = new ArrayList<>();
    for (int i = 0; i < untimed.size(); i++) {
      Candidate each = untimed.get(i);
      costs.add(new Candidate(each.network(), each.macs(), each.bytes(), timings.get(i).single()));
    }
    Candidate ofTeacher = null;
    if (teacher.file().isPresent()) {
      long bytes = OnnxModel.read(teacher.file().get().file()).bytes();
      Timing single = timings.get(timings.size() - 1).single();
      ofTeacher = new Candidate(teacher.name(), teacher.macs(), bytes, single);
      if (teacher.macs() == null) {
        slower(costs, single).forEach(name -> refused.put(name, "takes longer than the teacher"));
      }
    }
    costs.removeIf(candidate -> refused.containsKey(candidate.network()));
    return new CandidateCosts(ofTeacher, costs, refused, others.cores(), Processor.name());
  }

  /** The candidate that exceeds a budget least; none where there is no candidate that was timed. */
  public Optional<Candidate> nearest(Budget budget) {
    return Shortlist.nearest(candidates, budget).filter(candidate -> candidate.timing() != null);
  }

  /** Those whose median is longer than another's; none where that was not timed. */
  static List<String> slower(List<Candidate> candidates, @Nullable Timing than) {
    return candidates.stream()
        .filter(
            candidate ->
                than != null && candidate.timing() != null && candidate.timing().p50() > than.p50())
        .map(Candidate::network)
        .toList();
  }

  /**
   * Networks that could meet a budget, and the few with the fewest multiply-accumulates, so that
   * there is always a nearest one. The others cost minutes with large images.
   *
   * @param macs by name
   */
  static Set<String> worthTiming(Map<String, Long> macs, double p50) {
    return macs.keySet().stream()
        .sorted(Comparator.comparing(name -> Objects.requireNonNull(macs.get(name))))
        .limit(
            Math.max(
                ALWAYS_TIMED,
                macs.values().stream().filter(count -> count <= MACS_A_SECOND * p50).count()))
        .collect(Collectors.toUnmodifiableSet());
  }
}
