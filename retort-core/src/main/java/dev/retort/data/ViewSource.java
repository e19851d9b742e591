package dev.retort.data;

import dev.retort.system.Sha256;

/**
 * Where the views of images come from. With the number of a view and an image's index it names the
 * exact numbers that a network reads, in this run and in any other: what a cache of a teacher's
 * outputs is keyed by.
 *
 * @param key SHA-256, in hexadecimal, of the data set, the images' shape, the normalisation, the
 *     augmentation and its seed, and of the version of what renders views
 * @param images the number of images in the data set
 * @param dataset the data set's digest
 * @param augmentation how its images are varied
 */
public record ViewSource(String key, int images, String dataset, Augmentation augmentation) {
  /** Of the training images. */
  public static ViewSource ofTraining(Splits data, Augmentation augmentation, long dataSeed) {
    return of(data.train(), data.inputShape(), data.statistics(), augmentation, dataSeed);
  }

  static ViewSource of(
      Dataset dataset,
      ImageShape shape,
      ChannelStatistics statistics,
      Augmentation augmentation,
      long dataSeed) {
    Sha256 digest = new Sha256().text(dataset.digest()).text(shape.toString());
    for (int channel = 0; channel < shape.channels(); channel++) {
      digest.numbers(Float.floatToIntBits(statistics.mean()[channel]));
      digest.numbers(Float.floatToIntBits(statistics.standardDeviation()[channel]));
    }
    digest.text(augmentation.toString()).text(Long.toString(dataSeed));
    digest.version("views", ViewRenderer.VERSION);
    if (augmentation.randomResizedCrop() != null || resizes(dataset, shape)) {
      digest.version("resizing", Resizing.VERSION);
    }
    return new ViewSource(digest.hex(), dataset.size(), dataset.digest(), augmentation);
  }

  /**
   * Whether the views of images that are in memory have another size than they. The digest of
   * pictures that are decoded has the versions of decoder and resizing anyway.
   */
  static boolean resizes(Dataset dataset, ImageShape shape) {
    if (dataset.decodes() || dataset.size() == 0) {
      return false;
    }
    PixelView own = new PixelView();
    dataset.read(0, own);
    return own.height() != shape.height() || own.width() != shape.width();
  }
}
