package dev.retort.study;

import dev.retort.data.Splits;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.teacher.TeacherCache;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How much of the disk a study's teacher will take for its outputs, before any is written.
 *
 * @param folder of the cache; null where nothing is kept
 * @param bytes that the study's outputs come to, those included that are there already
 * @param taken the bytes of all that is in the cache now
 * @param bound how many bytes it may hold
 */
public record CachePlan(@Nullable Path folder, long bytes, long taken, long bound) {

  /**
   * The plan of a study.
   *
   * @param seeds how many streams of views the runs read of the teacher
   * @param bytesAnImage what one view of one image takes
   * @param secondView whether a method reads another view of each image beside the one at hand
   */
  static CachePlan of(
      StudyConfiguration study,
      Splits data,
      TeacherCache cache,
      long seeds,
      long bytesAnImage,
      boolean secondView) {
    long training = seeds * study.viewsShown(secondView) * data.train().size();
    long validation = (secondView ? 2L : 1L) * data.validation().size();
    return new CachePlan(
        cache.folder(), (training + validation) * bytesAnImage, cache.size(), cache.bound());
  }
}
