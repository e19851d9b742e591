package dev.retort.bench;

import dev.retort.serving.Estimate;
import java.lang.module.ModuleDescriptor.Version;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How much faster Retort is than peers that do the same work.
 *
 * @param teacher of the first two ratios and of the study, with random weights
 * @param student that it teaches
 * @param bundledTeacher of the third ratio
 * @param bundledStudent that it teaches
 * @param study the methods of the study
 * @param size of the study
 * @param ours our times
 * @param peers one each
 */
record PeerComparisonResult(
    String teacher,
    String student,
    String bundledTeacher,
    String bundledStudent,
    List<String> study,
    StudySize size,
    Own ours,
    List<OfPeer> peers) {

  /** The versions of the peers' PyTorch that are older than the given one of LibTorch. */
  List<String> olderPyTorch(String libtorch) {
    Version ours = Version.parse(libtorch);
    return peers.stream()
        .map(OfPeer::torch)
        .distinct()
        .filter(theirs -> Version.parse(theirs).compareTo(ours) < 0)
        .toList();
  }

  /**
   * Our times, in seconds.
   *
   * @param loop a step of Hinton's method with the teacher in the loop
   * @param cache the same with the teacher's outputs from the cache
   * @param firstPass the same where the teacher's outputs are computed and kept
   * @param cacheResnet8 a step of the bundled pair, with the cache
   * @param study the study by the cost model
   * @param smallStudyByModel a small study by the cost model
   * @param smallStudy the small study as {@code retort compare} does it
   * @param losses of the first steps of the bundled pair in fp32, without augmentation
   */
  record Own(
      Estimate loop,
      Estimate cache,
      Estimate firstPass,
      Estimate cacheResnet8,
      double study,
      double smallStudyByModel,
      double smallStudy,
      List<Double> losses) {}

  /**
   * One peer's.
   *
   * @param python its version
   * @param torch PyTorch's version
   * @param details how it works
   * @param ratios null where the comparison is void
   * @param whyVoid why the comparison is void, in sentences
   * @param whyNoStudy why there is no ratio of the study: the cost model does not hold
   * @param studentOverBare the speed of its student's step over that of a bare loop in PyTorch
   * @param study the study by the cost model, in seconds
   * @param smallStudyByModel a small study by the cost model
   * @param smallStudy the small study as it was
   * @param losses of the same steps from the same weights and batches
   * @param lossDifference the largest difference between a step's two losses, as a share of ours
   */
  record OfPeer(
      String name,
      String python,
      String torch,
      String details,
      @Nullable Ratios ratios,
      List<String> whyVoid,
      List<String> whyNoStudy,
      Estimate studentOverBare,
      double study,
      double smallStudyByModel,
      double smallStudy,
      List<Double> losses,
      double lossDifference) {}

  /** The peer's time over ours; {@code study} is null where the cost model does not hold. */
  record Ratios(Estimate loop, Estimate cache, Estimate cacheResnet8, @Nullable Double study) {}
}
