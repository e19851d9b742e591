package dev.retort.study;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean registered) {
  public StudyInputs {
    initialWeights = initialWeights == null ? Map.of() : new TreeMap<>(initialWeights);
  }
}
