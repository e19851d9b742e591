package dev.retort.data;

import dev.retort.system.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.InflaterInputStream;

/**
 * The data set that comes with Retort: 7,000 images of CIFAR-10, balanced by class. 4,000 of the
 * 45,000 that train, 1,000 of the 5,000 that validate, 2,000 of the 10,000 that test. {@code
 * scripts/choose_cifar10_splits.py} chose them and {@code scripts/pack_cifar10_mini.py} packed
 * them, without loss.
 */
final class Cifar10Mini {
  /** What DATA is called, and the first part of the three parts' names. */
  static final String NAME = "cifar10-mini";

  private static final int TRAIN = 4_000;
  private static final int VALIDATION = 1_000;
  private static final int TEST = 2_000;
  private static final String RESOURCE = "cifar10-mini.bin";

  /** Printed by the script that packed the images, from the official files. */
  private static final String LABELS_SHA256 =
      "b4204e18624a9d2822d6f2983a7d55c5d23d77d25291937303d9c5e2a5da7dbb";

  private static final String PIXELS_SHA256 =
      "88985da166a91768ba132d5f447937bad4b69a24bb2eecf70c749a91d2f46c42";

  private static final String ADVICE =
      "The jar retort-cifar10 is damaged: build or install it again";

  private Cifar10Mini() {}

  /**
   * Unpacks the images.
   *
   * @throws DataException if their artifact is not on the class path, or they are not the ones that
   *     were packed: the installation is damaged
   */
  static Splits read() {
    int images = TRAIN + VALIDATION + TEST;
    byte[] labels;
    byte[] residuals;
    try (InputStream packed = BundledFile.open(RESOURCE, NAME)) {
      InputStream stream = new InflaterInputStream(packed);
      labels = stream.readNBytes(images);
      residuals = stream.readNBytes(images * ImageShape.CIFAR.values());
    } catch (IOException e) {
      throw new DataException("the resource " + RESOURCE + " cannot be read. " + ADVICE, e);
    }
    if (!Sha256.of(labels).equals(LABELS_SHA256)
        || residuals.length != images * ImageShape.CIFAR.values()) {
      throw damaged();
    }
    byte[] pixels = new PredictedImages(ImageShape.CIFAR, images).restore(residuals);
    if (!Sha256.of(pixels).equals(PIXELS_SHA256)) {
      throw damaged();
    }
    Dataset train = part("train", pixels, labels, 0, TRAIN);
    return new Splits(
        NAME,
        train,
        part("validation", pixels, labels, TRAIN, TRAIN + VALIDATION),
        part("test", pixels, labels, TRAIN + VALIDATION, images),
        ImageShape.CIFAR,
        ChannelStatistics.of(train));
  }

  private static Dataset part(String part, byte[] pixels, byte[] labels, int from, int to) {
    int values = ImageShape.CIFAR.values();
    int[] classes = new int[to - from];
    Arrays.setAll(classes, i -> labels[from + i]);
    return new InMemoryDataset(
        NAME + "/" + part,
        Cifar10Files.CLASSES,
        ImageShape.CIFAR,
        Arrays.copyOfRange(pixels, from * values, to * values),
        classes);
  }

  private static DataException damaged() {
    return new DataException("the resource " + RESOURCE + " was altered. " + ADVICE);
  }
}
