package dev.retort.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retort.data.FoundImages.Part;
import dev.retort.data.batch.BatchStream;
import dev.retort.engine.Engine;
import dev.retort.engine.Precision;
import dev.retort.engine.TensorScope;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** Protects: how often, and by how many threads, the pictures of a data set are read at a start. */
class ImageOpeningTest {
  private static final int IMAGES = 40;

  /** Counts what is read, and by how many at the same time. */
  private static final class CountingImages implements EncodedImages {
    private final String stamp = UUID.randomUUID().toString();
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger reading = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicBoolean damaged = new AtomicBoolean();

    @Override
    public int size() {
      return IMAGES;
    }

    @Override
    public String place(int index) {
      return "picture " + index;
    }

    @Override
    public byte[] read(int index) throws IOException {
      reads.incrementAndGet();
      most.accumulateAndGet(reading.incrementAndGet(), Math::max);
      try {
        Thread.sleep(1);
        BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, 0x010203 * (index + 1));
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        return damaged.get() && index == 9 ? new byte[png.size()] : png.toByteArray();
      } catch (InterruptedException e) {
        throw new IOException(e);
      } finally {
        reading.decrementAndGet();
      }
    }

    @Override
    public String stamp() {
      return stamp;
    }
  }

  @Test
  void theSecondStartReadsNoPictureWhetherTheSizeIsGivenOrNot() {
    CountingImages images = new CountingImages();
    ImageShape first = open(images).inputShape();
    assertThat(images.reads).hasValue(2 * IMAGES); // headers, then pixels

    assertThat(open(images).inputShape()).isEqualTo(first).isEqualTo(new ImageShape(3, 8, 8));

    assertThat(images.reads).hasValue(2 * IMAGES);
  }

  /** As on a disk that failed: by its name, size and time it is the same picture. */
  @Test
  void aPictureThatCouldNotBeReadForAMomentIsReadAgain() {
    CountingImages images = new CountingImages();
    images.damaged.set(true);
    assertThatThrownBy(() -> open(images))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("1 of 40 images cannot be read");

    images.damaged.set(false);

    Splits data = open(images);
    assertThat(data.train().size() + data.validation().size() + data.test().size())
        .isEqualTo(IMAGES);
  }

  @Test
  void picturesAreReadByNoMoreThreadsThanAnOperationHas() {
    int before = Engine.threads();
    CountingImages images = new CountingImages();
    try {
      Engine.threads(1);
      Splits data = open(images);
      try (TensorScope scope = TensorScope.open();
          BatchStream stream =
              BatchStream.evaluation(
                  data.train(), data.inputShape(), data.statistics(), 8, Precision.FP32)) {
        assertThat(stream.all()).hasSize(stream.batches());
      }
    } finally {
      Engine.threads(before);
    }
    assertThat(images.most).hasValue(1);
  }

  private static Splits open(EncodedImages images) {
    FoundImages found =
        new FoundImages(
            "made",
            List.of("a", "b"),
            images,
            IntStream.range(0, IMAGES).map(i -> i % 2).toArray(),
            Collections.nCopies(IMAGES, Part.TRAIN),
            List.of());
    return new ImageOpening(
            found, DatasetOptions.STANDARD, false, new DecodedMemory(0), InspectionProgress.NONE)
        .open(null)
        .splits();
  }
}
