package dev.retort.bench;

import static java.util.Map.entry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.retort.bench.PeerComparisonResult.OfPeer;
import dev.retort.bench.PeerComparisonResult.Own;
import dev.retort.bench.PeerComparisonResult.Ratios;
import dev.retort.data.Splits;
import dev.retort.engine.Device;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import dev.retort.serving.Estimate;
import dev.retort.shrink.UntrainedNetwork;
import dev.retort.study.Study;
import dev.retort.system.TemporaryFolder;
import dev.retort.teacher.ModelSource;
import dev.retort.weights.LoadedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Measures Retort and peers on the same work, in turn. */
final class PeerComparison {
  static final String TEACHER = Benchmark.TEACHER;
  static final String STUDENT = Benchmark.STUDENT;
  static final String BUNDLED_STUDENT = "resnet8";
  static final String HINTON = "hinton";

  /** The study's: as many as Python does in a few lines each. */
  static final List<String> METHODS =
      List.of("cross-entropy", HINTON, "hinton-standardized", "ttm", "dkd", "adversarial-hinton");

  /** CIFAR-10's 45,000 training and 5,000 validation images, thirty epochs, five seeds. */
  private static final StudySize STUDY = new StudySize(5, 30, 351, 5_000);

  /** About what the small studies take, in seconds. */
  private static final double SMALL_STUDIES = 200;

  private static final int OWN_SEEDS = 2;

  /** Of an epoch of the small study. */
  private static final int SMALL_STEPS = 31;

  private static final List<String> SCRIPTS = List.of("plain.py", "tuned.py");
  private static final double NANOSECONDS = 1e9;

  private final Path scripts;
  private final PythonInterpreter python;
  private final Rounds rounds;
  private final Progress progress;
  private final Precision precision = Precision.automatic(Device.CPU);
  private final Splits data =
      BenchmarkData.part(BenchmarkData.whole(), SMALL_STEPS * BenchmarkData.BATCH_SIZE, 500);

  /**
   * @param scripts the folder of the peers, {@code retort-bench/peers} of a checkout
   * @param python the interpreter that runs them; null for the first one on the path that imports
   *     torch
   * @param seconds that each thing is measured for
   * @throws IllegalArgumentException if there are no scripts, or no such interpreter
   */
  PeerComparison(Path scripts, @Nullable Path python, double seconds, Progress progress) {
    if (!SCRIPTS.stream().allMatch(script -> Files.isReadable(scripts.resolve(script)))) {
      throw new IllegalArgumentException(
          "the peers are not in " + scripts + ": run retort-bench/run of a checkout");
    }
    this.scripts = scripts;
    this.python = PythonInterpreter.find(python, System.getenv().getOrDefault("PATH", ""));
    this.rounds = new Rounds(seconds, progress);
    this.progress = progress;
  }

  /**
   * A peer that waits for requests.
   *
   * @param introduction what it said of itself: {@code python}, {@code torch}, {@code details}
   */
  private record Running(Peer peer, JsonNode introduction, PeerWorkloads workloads) {}

  /** Measures on the calling thread, with as many threads for everyone as that has. */
  PeerComparisonResult run() {
    try (TensorScope scope = TensorScope.open();
        TemporaryFolder work = new TemporaryFolder()) {
      LoadedModel untrained = UntrainedNetwork.of(TEACHER, data);
      LoadedModel trained = ModelSource.parse("bundled:cifar10", Path.of("")).open(null);
      PeerInputs inputs = new PeerInputs(work.path());
      Map<String, Object> setup = inputs.write(data, List.of(untrained, trained), precision);
      List<Peer> started = new ArrayList<>();
      try {
        List<Running> peers = new ArrayList<>();
        for (String script : SCRIPTS) {
          Peer peer = new Peer(python, scripts.resolve(script), work.path());
          started.add(peer);
          JsonNode introduction = peer.ask(setup);
          PeerWorkloads workloads = PeerWorkloads.of(peer, trained.network().name());
          peers.add(new Running(peer, introduction, workloads));
        }
        try (OwnWorkloads ours = new OwnWorkloads(data, untrained, trained, precision)) {
          return run(peers, ours, List.of(untrained, trained), work.path(), inputs);
        }
      } finally {
        started.forEach(Peer::close);
      }
    }
  }

  private PeerComparisonResult run(
      List<Running> peers,
      OwnWorkloads ours,
      List<LoadedModel> teachers,
      Path work,
      PeerInputs inputs) {
    List<Workload> all = inTurn(ours, peers.stream().map(Running::workloads).toList());
    Measured measured = new Measured(rounds.measure(all, SMALL_STUDIES));
    progress.measuring("a small study", all.size(), all.size() + 1);
    double ownStudy = ownStudy(work, inputs.model(TEACHER));
    StudyCost ownCost = ours.cost(measured);
    PairedTraining paired = new PairedTraining(data, teachers.get(1), work);
    Own own =
        new Own(
            measured.time(ours.loop),
            measured.time(ours.cached(HINTON)),
            measured.time(ours.firstPass),
            measured.time(ours.bundled),
            ownCost.seconds(STUDY),
            ownCost.seconds(small(OWN_SEEDS)),
            ownStudy,
            paired.ours().losses());
    List<OfPeer> results = new ArrayList<>();
    for (Running running : peers) {
      progress.measuring("a small study, " + running.peer().name(), all.size(), all.size() + 1);
      results.add(result(running, own, ours, teachers, measured, paired));
    }
    return new PeerComparisonResult(
        TEACHER,
        STUDENT,
        teachers.get(1).network().name(),
        BUNDLED_STUDENT,
        METHODS,
        STUDY,
        own,
        results);
  }

  /** Us and each peer alternately, piece by piece. */
  private static List<Workload> inTurn(OwnWorkloads ours, List<PeerWorkloads> theirs) {
    List<Workload> all = new ArrayList<>(List.of(ours.loop));
    for (String method : METHODS) {
      all.add(ours.cached(method));
      theirs.forEach(peer -> all.add(peer.method(method)));
    }
    all.add(ours.firstPass);
    all.add(ours.bundled);
    theirs.forEach(peer -> all.add(peer.bundled()));
    all.add(ours.evaluation);
    theirs.forEach(peer -> all.addAll(List.of(peer.evaluation(), peer.student(), peer.bare())));
    return all;
  }

  private StudySize small(int seeds) {
    return new StudySize(seeds, 1, SMALL_STEPS, data.validation().size());
  }

  private OfPeer result(
      Running running,
      Own own,
      OwnWorkloads ours,
      List<LoadedModel> teachers,
      Measured measured,
      PairedTraining paired) {
    Peer peer = running.peer();
    PeerWorkloads theirs = running.workloads();
    double study = smallStudy(peer);
    StudyCost cost = theirs.cost(measured);
    Trajectory trajectory = paired.of(peer);
    double trajectoryDifference = trajectory.difference(paired.ours());
    Estimate studentOverBare = measured.ratio(theirs.bare(), theirs.student());
    PeerVerdict verdict =
        new PeerVerdict(
            logitsDifference(peer, teachers),
            SameWork.lossDifference(peer),
            studentOverBare.value(),
            trajectoryDifference,
            paired.ours().falls(),
            cost.seconds(small(1)) / study,
            own.smallStudyByModel() / own.smallStudy());
    List<String> whyVoid = verdict.reasons(peer.name());
    List<String> whyNoStudy = verdict.reasonsAgainstModel(peer.name());
    Ratios ratios =
        new Ratios(
            measured.ratio(theirs.method(HINTON), ours.loop),
            measured.ratio(theirs.method(HINTON), ours.cached(HINTON)),
            measured.ratio(theirs.bundled(), ours.bundled),
            whyNoStudy.isEmpty() ? cost.seconds(STUDY) / own.study() : null);
    return new OfPeer(
        peer.name(),
        running.introduction().get("python").asText(),
        running.introduction().get("torch").asText(),
        running.introduction().get("details").asText(),
        whyVoid.isEmpty() ? ratios : null,
        whyVoid,
        whyNoStudy,
        studentOverBare,
        cost.seconds(STUDY),
        cost.seconds(small(1)),
        study,
        trajectory.losses(),
        trajectoryDifference);
  }

  /**
   * How long a study takes us in seconds, as {@code retort compare} does it, from an empty folder
   * and an empty cache: every method, one epoch. All seeds see the same views.
   *
   * @param work a folder for what it writes
   */
  private double ownStudy(Path work, Path teacher) {
    Map<String, ?> training =
        Map.ofEntries(
            entry("epochs", 1),
            entry("batchSize", BenchmarkData.BATCH_SIZE),
            entry("learningRate", Distillation.LEARNING_RATE),
            entry("schedule", "constant"));
    Study study =
        Study.of(
            Map.ofEntries(
                entry("data", "cifar10-mini"),
                entry("teacher", teacher.toString()),
                entry("student", STUDENT),
                entry("training", training),
                entry("seeds", LongStream.rangeClosed(1, OWN_SEEDS).boxed().toList()),
                entry("dataSeed", 1),
                entry("observer", false),
                entry("test", false),
                entry("cache", Map.of("folder", work.resolve("cache").toString())),
                entry("methods", METHODS)));
    long start = System.nanoTime();
    study.data(data).run(work.resolve("study"));
    return (System.nanoTime() - start) / NANOSECONDS;
  }

  /** How long a study of one seed takes the peer, in seconds: every method, one epoch. */
  private double smallStudy(Peer peer) {
    return peer.ask(
            Map.of(
                "work",
                "study",
                "teacher",
                TEACHER,
                "student",
                STUDENT,
                "images",
                data.train().size(),
                "epochs",
                1,
                "seeds",
                List.of(1)))
        .get("seconds")
        .asDouble();
  }

  /** The largest of any teacher. */
  private double logitsDifference(Peer peer, List<LoadedModel> teachers) {
    double largest = 0;
    for (LoadedModel teacher : teachers) {
      largest = Math.max(largest, SameWork.logitsDifference(peer, teacher.network(), data));
    }
    return largest;
  }
}
