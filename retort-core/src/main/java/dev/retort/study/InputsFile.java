package dev.retort.study;

import dev.retort.engine.Precision;
import dev.retort.system.CodeDigest;
import dev.retort.system.Sha256;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a study's results derive from, on record: {@code inputs.json} in its folder. */
final class InputsFile {
  private final ResultsFolder folder;
  private final EnvironmentFiles environments;
  private final Path path;

  /**
   * @param folder the study's
   * @param environments where it ran
   */
  InputsFile(ResultsFolder folder, EnvironmentFiles environments) {
    this.folder = folder;
    this.environments = environments;
    this.path = folder.path().resolve("inputs.json");
  }

  /**
   * What is on record; nothing before the first process has recorded it.
   *
   * @throws StudyRecordException if the file is damaged
   */
  Optional<StudyInputs> read() {
    return StudyJson.readIfPresent(path, StudyInputs.class);
  }

  /**
   * The same of a study that has begun.
   *
   * @throws StudyRecordException if the file is damaged or missing
   */
  StudyInputs required() {
    return StudyJson.read(path, StudyInputs.class);
  }

  /**
   * Records what the study's results derive from or, if it has been, checks that it is the same.
   *
   * @param dataset the data set's name and sizes
   * @param data the digest of the data
   * @param teacher the digest of the teacher; null where nothing is distilled
   * @param initialWeights the digests of the models that students start from, by the students'
   *     names
   * @param precision in which networks compute here
   * @throws StudyRecordException if the data, the teacher, initial weights, the precision or {@code
   *     resolved.yaml} are others than when the study was begun
   */
  StudyInputs record(
      Summary.DatasetSizes dataset,
      String data,
      @Nullable String teacher,
      Map<String, String> initialWeights,
      Precision precision) {
    StudyInputs inputs =
        new StudyInputs(
            dataset,
            data,
            teacher,
            initialWeights,
            StudyInputs.name(precision),
            Sha256.of(folder.readBytes()),
            CodeDigest.ofRetort(),
            CodeDigest.ofExtensions(),
            true);
    if (Files.notExists(path) && StudyJson.writeIfAbsent(path, inputs)) {
      return inputs;
    }
    StudyInputs begun = required();
    begun.requireSame(inputs, folder.path());
    return begun;
  }

  /**
   * Lets the study derive from what another one's results do: it is refused before its first run
   * where that is not to be had.
   *
   * @throws StudyRecordException if it derives from something else already
   */
  void takeOver(StudyInputs other) {
    StudyInputs inputs = other.of(Sha256.of(folder.readBytes()));
    if (!StudyJson.writeIfAbsent(path, inputs)) {
      required().requireSame(inputs, folder.path());
    }
  }

  /**
   * Checks that images are those that the study was begun with, as far as it is on record.
   *
   * @param digest theirs
   * @throws StudyRecordException if they are others
   */
  void requireData(String digest) {
    read().ifPresent(begun -> begun.requireSameData(digest, folder.path()));
  }

  /**
   * The same of the teacher, where the study began on a processor: a GPU's name is a part of the
   * digest.
   *
   * @param digest its digest for networks that compute in a precision; null for none
   * @throws StudyRecordException if it is another one
   */
  void requireTeacher(Function<Precision, @Nullable String> digest) {
    StudyInputs begun = read().orElse(null);
    boolean ofProcessor = environments.first().map(first -> first.device() == null).orElse(false);
    if (begun != null && ofProcessor) {
      begun.requireSameTeacher(digest.apply(begun.networksPrecision()), folder.path());
    }
  }
}
