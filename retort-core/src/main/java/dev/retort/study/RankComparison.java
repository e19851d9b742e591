package dev.retort.study;

import dev.retort.data.Splits;
import dev.retort.engine.Collective;
import dev.retort.engine.Engine;
import dev.retort.engine.EngineInfo;
import dev.retort.engine.Processor;
import dev.retort.study.config.StudentConfiguration;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.system.CodeDigest;
import dev.retort.system.Sha256;
import dev.retort.training.TrainingSettings;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares what ranks have before they compute anything together: what has other sizes elsewhere
 * would end the process.
 */
final class RankComparison {
  private static final Logger LOG = LoggerFactory.getLogger(RankComparison.class);

  private RankComparison() {}

  /**
   * Of all that decides what a run computes, the code too, whatever the places of files: ranks with
   * the same one train the same student.
   *
   * @param initialWeights the digests of the models that students start from, by their names
   * @param teacher the digest of its weights; null for no teacher
   */
  static long fingerprint(
      StudyConfiguration study,
      TrainingSettings settings,
      Splits data,
      Map<String, String> initialWeights,
      @Nullable String teacher) {
    Sha256 digest =
        new Sha256()
            .text(data.digest())
            .text(CodeDigest.ofRetort())
            .text(Objects.toString(CodeDigest.ofExtensions()));
    for (Object part :
        List.of(
            study.runs(),
            settings,
            study.training().batchSize(),
            study.training().augmentation(),
            Objects.toString(study.views()),
            Objects.toString(study.dataSeed()),
            study.methods(),
            study.students().stream().map(StudentConfiguration::network).toList(),
            initialWeights,
            study.observer(),
            study.test())) {
      digest.text(part.toString());
    }
    if (teacher != null) {
      digest.text(teacher);
    }
    return number(digest);
  }

  /**
   * Lets several ranks compare their fingerprints and their processors.
   *
   * @param own this rank's fingerprint
   * @throws StudyRecordException on every rank, if the fingerprints differ
   */
  static void requireTheSame(long own, Collective ranks) {
    boolean other = ranks.broadcast(own) != own;
    if (ranks.any(other)) {
      throw new StudyRecordException(
          "%s other data, another teacher, another configuration or other code than rank %d"
              .formatted(
                  other ? "rank " + ranks.rank() + " has" : "other ranks have",
                  other ? 0 : ranks.rank()));
    }
    long bits =
        number(
            new Sha256()
                .text(Processor.name() + Processor.features())
                .text(EngineInfo.read().libtorch())
                .text(Integer.toString(Engine.threads())));
    if (ranks.any(ranks.broadcast(bits) != bits)) {
      LOG.warn(
          "the ranks are on several kinds of processor, or have other numbers of threads or versions of LibTorch, so that last bits differ: a discriminator that each of them trains by itself becomes another on each");
    }
  }

  private static long number(Sha256 digest) {
    return Long.parseUnsignedLong(digest.hex().substring(0, 16), 16);
  }
}
