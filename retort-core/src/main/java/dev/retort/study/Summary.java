package dev.retort.study;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.retort.study.config.TuningBudget;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a study found, as far as it has come: {@code summary.json}. Accuracies are fractions in [0,
 * 1]; what is undefined is null.
 *
 * @param dataset what was learnt from
 * @param teacher null where nothing was distilled
 * @param students in the study's order
 * @param measuredOn {@link #TEST}, or {@link #VALIDATION} where the study leaves the test images
 *     unread: which images' accuracy {@code mean}, {@code sd} and the comparisons are of
 * @param registration {@link #UNKNOWN} in folders of builds that did not register seeds, all of
 *     whose seeds count; the key is missing where the seeds are registered
 * @param methods a row a student and method, in the study's order
 * @param comparisons a row a student and pair, in the study's order
 * @param diverged the runs that are left out because they diverged; the key is missing where there
 *     are none
 */
public record Summary(
    DatasetSizes dataset,
    @Nullable Teacher teacher,
    List<Student> students,
    String measuredOn,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String registration,
    List<MethodResult> methods,
    List<ComparisonResult> comparisons,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Divergence> diverged) {
  public Summary {
    students = List.copyOf(students);
    methods = List.copyOf(methods);
    comparisons = List.copyOf(comparisons);
    diverged = List.copyOf(diverged);
  }

  /** The value of {@code measuredOn} for test images. */
  public static final String TEST = "test";

  /** The value of {@code measuredOn} for validation images. */
  public static final String VALIDATION = "validation";

  /** The value of {@code registration} where there is none. */
  public static final String UNKNOWN = "unknown";

  /** Whether some method says what the tuning of its settings cost. */
  public boolean hasBudgets() {
    return methods.stream().anyMatch(method -> method.budget() != null);
  }

  /**
   * A data set's name and its numbers of images.
   *
   * @param name what DATA was called
   */
  public record DatasetSizes(String name, int train, int validation, int test) {}

  /** The teacher, as {@link TeacherRecord} has it. */
  public record Teacher(
      String name,
      String sha256,
      @Nullable Double validationAccuracy,
      @Nullable Double testAccuracy,
      @Nullable Long parameters,
      @Nullable Long macs) {
    static Teacher of(TeacherRecord record) {
      return new Teacher(
          record.network(),
          record.sha256(),
          record.validationAccuracy(),
          record.testAccuracy(),
          record.parameters(),
          record.macs());
    }
  }

  /**
   * A student's size.
   *
   * @param parameters null while no run of it is done
   * @param macs multiply-accumulates an image; null likewise
   */
  public record Student(String name, @Nullable Long parameters, @Nullable Long macs) {}

  /**
   * A method's results with one student.
   *
   * @param name the method's
   * @param seeds of the runs that are done, ascending; the lists below are in this order
   * @param exploratory those of them that were not registered when the study was begun: they are
   *     shown, and enter neither {@code mean}, {@code sd} and {@code seconds} nor a comparison; the
   *     key is missing where there are none
   * @param testAccuracy a value a seed; null where the test images are left unread
   * @param validationAccuracy a value a seed, after the last epoch
   * @param agreementWithTeacher a value a seed, on test images; null where there is none
   * @param mean of the accuracy on the images that the study measures on
   * @param sd standard deviation of the same over seeds, n − 1 degrees of freedom; null with one
   * @param seconds of training, the mean over seeds
   * @param diverged how many registered seeds have no result because they diverged; the key is
   *     missing where none did
   * @param missing how many registered seeds have no result yet; the key is missing where all have
   *     one, or diverged
   * @param budget what the tuning of its settings cost; the key is missing where nothing is said of
   *     it
   */
  public record MethodResult(
      String student,
      String name,
      List<Long> seeds,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Long> exploratory,
      @Nullable List<Double> testAccuracy,
      @Nullable List<Double> validationAccuracy,
      @Nullable List<Double> agreementWithTeacher,
      @Nullable Double mean,
      @Nullable Double sd,
      @Nullable Double seconds,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) int diverged,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) int missing,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable TuningBudget budget) {
    /** How many seeds enter the mean. */
    public int counted() {
      return seeds.size() - exploratory.size();
    }

    /**
     * The values of the seeds that enter the mean.
     *
     * @param values a value a seed, in the order of {@code seeds}
     */
    public SortedMap<Long, Double> counted(List<Double> values) {
      SortedMap<Long, Double> counted = new TreeMap<>();
      for (int i = 0; i < values.size(); i++) {
        if (!exploratory.contains(seeds.get(i))) {
          counted.put(seeds.get(i), values.get(i));
        }
      }
      return counted;
    }

    /** The mean agreement with the teacher; null where there is none. */
    public @Nullable Double meanAgreement() {
      return agreementWithTeacher == null
          ? null
          : Statistics.mean(List.copyOf(counted(agreementWithTeacher).values()));
    }
  }

  /**
   * A method against a baseline with one student, runs of equal seeds paired.
   *
   * @param n the number of registered seeds that both have
   * @param meanDifference the method's accuracy less the baseline's; null without pairs
   * @param ci95 {low, high} of the mean difference, by Student's t with n − 1 degrees of freedom;
   *     null with fewer than two pairs
   * @param pValue of the paired t test, two-sided; null likewise
   * @param adjustedPValue the same by Holm's adjustment over all comparisons of the study, or all
   *     but the primary one, which is adjusted over the students alone
   * @param detectableDifference the smallest true difference that n pairs with this spread would
   *     show with power 0.8 at level 0.05; null with fewer than two pairs
   * @param unequalBudgets whether the settings of the two were tuned at different cost, or those of
   *     one of them; the key is missing where they were not
   * @param primary whether the study calls it its primary comparison; the key is missing where not
   * @param diverged of how many registered seeds it lacks a run that diverged; the key is missing
   *     where there is none
   * @param missing of how many other registered seeds it lacks a run that is not done yet; the key
   *     is missing where there is none
   * @param acrossProcessors of how many pairs the two runs ended on two kinds of processor; the key
   *     is missing where there is none, and in records that do not say where runs ended
   */
  public record ComparisonResult(
      String student,
      String method,
      String baseline,
      int n,
      @Nullable Double meanDifference,
      @Nullable List<Double> ci95,
      @Nullable Double pValue,
      @Nullable Double adjustedPValue,
      @Nullable Double detectableDifference,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean unequalBudgets,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean primary,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) int diverged,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) int missing,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) int acrossProcessors) {}
}
