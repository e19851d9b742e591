package dev.retort.study;

import dev.retort.data.Augmentation;
import dev.retort.data.InspectionProgress;
import dev.retort.study.config.ConfigurationException;
import dev.retort.study.config.StudyConfiguration;
import dev.retort.teacher.ViewArrays;
import java.nio.file.Files;
import java.nio.file.Path;

/** The images that a study shows its students, written down for a teacher that runs elsewhere. */
public final class StudyViews {
  private StudyViews() {}

  /**
   * Writes all views of the training images, and the other images as they are: see {@link
   * ViewArrays}. The teacher is not opened: it is yet to be made.
   *
   * @param file of NumPy's ({@code .npz}), which must not be there yet
   * @throws ConfigurationException if the study shows its students others than a fixed number of
   *     views, the same in every run, or there is such a file
   */
  public static void write(StudyConfiguration study, Path file) {
    Augmentation augmentation = study.training().augmentation();
    Integer views = study.views();
    Long dataSeed = study.dataSeed();
    if (augmentation.varies() && (views == null || dataSeed == null)) {
      throw new ConfigurationException(
          "without views and dataSeed every epoch and every run shows other views: set both");
    }
    if (!file.toString().endsWith(".npz")) {
      throw new ConfigurationException(file + ": views are written as .npz");
    }
    if (Files.exists(file)) {
      throw new ConfigurationException(file + " is there already");
    }
    boolean varied = augmentation.varies() && views != null && dataSeed != null;
    ViewArrays.write(
        study.data().open(InspectionProgress.NONE),
        augmentation,
        varied ? views : 1,
        varied ? dataSeed : 0,
        file);
  }
}
