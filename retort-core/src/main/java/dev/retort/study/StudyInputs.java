package dev.retort.study;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.retort.engine.Precision;
import dev.retort.system.CodeDigest;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a study's results derive from: {@code inputs.json}. Digests are SHA-256 in hexadecimal.
 *
 * @param dataset the data set's name and sizes
 * @param data of everything that is read from the data
 * @param teacher of the teacher; null where nothing is distilled
 * @param initialWeights of the models that students start from, by the students' names; none for
 *     those that start otherwise, and from builds of Retort that did not record it
 * @param precision of the networks' forward passes, {@code bf16}, {@code fp32} or {@code fp64}:
 *     what {@code auto} meant on the machine that began
 * @param configuration of {@code resolved.yaml}
 * @param source of Retort's own compiled code
 * @param extensions of the code that {@code --classpath} added; null where there is none, and from
 *     builds of Retort that did not record it
 * @param registered whether the seeds of {@code resolved.yaml} count as registered: only they enter
 *     comparisons; null in folders of builds that did not register seeds
 */
record StudyInputs(
    Summary.DatasetSizes dataset,
    String data,
    @Nullable String teacher,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> initialWeights,
    String precision,
    String configuration,
    String source,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String extensions,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean registered) {
  private static final Logger LOG = LoggerFactory.getLogger(StudyInputs.class);

  public StudyInputs {
    StudyJson.requirePresent(
        "dataset, data, precision, configuration, source",
        dataset,
        data,
        precision,
        configuration,
        source);
    if (Stream.of(Precision.values()).map(StudyInputs::name).noneMatch(precision::equals)) {
      throw new IllegalArgumentException("no precision is called " + precision);
    }
    initialWeights = initialWeights == null ? Map.of() : new TreeMap<>(initialWeights);
  }

  /** A precision as the file has it. */
  static String name(Precision precision) {
    return precision.name().toLowerCase(Locale.ROOT);
  }

  /** The precision in which networks compute. */
  Precision networksPrecision() {
    return Precision.valueOf(precision.toUpperCase(Locale.ROOT));
  }

  /** The same of another configuration. */
  StudyInputs of(String configuration) {
    return new StudyInputs(
        dataset,
        data,
        teacher,
        initialWeights,
        precision,
        configuration,
        source,
        extensions,
        registered);
  }

  /**
   * Checks that a study goes on with what it was begun with. Other sources are warned of.
   *
   * @param now what it would go on with
   * @param folder the study's, for messages
   * @throws StudyRecordException if data, teacher, initial weights, configuration or precision are
   *     others
   */
  void requireSame(StudyInputs now, Path folder) {
    requireSameData(now.data, folder);
    if (!precision.equals(now.precision)) { // first, since the teacher's digest depends on it
      throw new StudyRecordException(
          "%s was begun in %s, and here its networks would compute in %s: go on with -o training.precision=%s"
              .formatted(folder, precision, now.precision, precision));
    }
    requireSameTeacher(now.teacher, folder);
    now.initialWeights.forEach(
        (student, digest) -> {
          String before = initialWeights.get(student);
          if (before == null) {
            LOG.warn(
                "{} does not record the initial weights of {}: whether they have changed is unknown",
                folder,
                student);
          } else {
            requireEqual("initial weights of " + student + " are", before, digest, folder);
          }
        });
    requireEqual("file resolved.yaml is", configuration, now.configuration, folder);
    if (!source.equals(now.source)) {
      LOG.warn("{} was begun by another build of Retort; its results may differ", folder);
    }
    if (extensions != null && !extensions.equals(now.extensions)) {
      LOG.warn(
          "{} was begun with other code of your own (--classpath) than it has now; runs that are done keep what that gave: if it changed a method, a network or the data, begin in another folder",
          folder);
    }
  }

  /**
   * In what a study of another configuration derives from something else, too.
   *
   * @return a sentence on the first difference; null if there is none
   */
  @Nullable String difference(StudyInputs other) {
    if (!data.equals(other.data)) {
      return "its data are others";
    }
    if (!precision.equals(other.precision)) {
      return "it computes in %s, not in %s".formatted(other.precision, precision);
    }
    if (!Objects.equals(teacher, other.teacher)) {
      return source.equals(other.source)
          ? "its teacher is another"
          : "its teacher is another (or another build takes its outputs otherwise)";
    }
    // Older builds did not record these.
    return initialWeights.entrySet().stream()
            .allMatch(
                e ->
                    e.getValue()
                        .equals(other.initialWeights.getOrDefault(e.getKey(), e.getValue())))
        ? null
        : "its students start from other weights";
  }

  /** The same of the images' digest alone. */
  void requireSameData(String now, Path folder) {
    String what = isOfThisBuild() ? "data" : "data (or how this other build decodes pictures)";
    requireEqual(what + " are", data, now, folder);
  }

  /** The same of the teacher's digest alone. */
  void requireSameTeacher(@Nullable String now, Path folder) {
    String what =
        isOfThisBuild() ? "teacher" : "teacher (or how this other build takes its outputs)";
    requireEqual(what + " is", teacher, now, folder);
  }

  private boolean isOfThisBuild() {
    return source.equals(CodeDigest.ofRetort());
  }

  private static void requireEqual(
      String what, @Nullable String before, @Nullable String now, Path folder) {
    if (!Objects.equals(before, now)) {
      throw new StudyRecordException(
          "the %s not what %s was begun with (SHA-256 then %s, now %s): bring that file back, or begin in another folder"
              .formatted(what, folder, before, now));
    }
  }
}
