package dev.retort.data;

import dev.retort.data.ImageFile.Picture;
import dev.retort.system.FileFailure;
import dev.retort.system.Sha256;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pictures that are decoded when they are read. What has been decoded is kept while there is room;
 * nothing is thrown out for something else, since an epoch reads every picture once. Pictures in
 * their own shapes are kept whole, because a random part of one may be any part of it. Brought to a
 * second shape, which is larger, they are not kept: a teacher's outputs are, and a student's
 * pictures need the room.
 */
final class DecodedDataset implements Dataset {
  private static final Logger LOG = LoggerFactory.getLogger(DecodedDataset.class);

  /** Of a picture that another thread is about to keep, or that there is no room for. */
  private static final Kept NOT_KEPT = new Kept(DecodedMemory.NOT_KEPT, new ImageShape(1, 1, 1));

  private final String name;
  private final List<String> classes;
  private final EncodedImages images;
  private final int[] labels;
  private final List<String> files;
  private final String digest;
  private final double cropShare;
  private final DecodedMemory memory;

  /** The shape that pictures are brought to; null for their own. */
  private final @Nullable ImageShape frame;

  private final boolean keeps;
  private final AtomicReferenceArray<Kept> kept;
  private final AtomicBoolean saidNotKept = new AtomicBoolean();
  private final Map<ImageShape, DecodedDataset> framed;

  /** Where a decoded picture is kept. */
  private record Kept(long position, ImageShape shape) {}

  /**
   * The pictures in their own shapes.
   *
   * @param labels one for each image, an index into the classes or {@link #UNLABELLED}
   * @param files digests of what the pictures are read from, in their order
   * @param cropShare how much of the shorter side's length is in the middle that {@link #framed}
   *     cuts out, in (0, 1]
   * @param memory what decoded pictures may take
   */
  DecodedDataset(
      String name,
      List<String> classes,
      EncodedImages images,
      int[] labels,
      List<String> files,
      double cropShare,
      DecodedMemory memory) {
    this.name = name;
    this.classes = List.copyOf(classes);
    this.images = images;
    this.labels = labels;
    this.cropShare = cropShare;
    this.memory = memory;
    this.frame = null;
    this.keeps = true;
    this.kept = new AtomicReferenceArray<>(labels.length);
    this.framed = new ConcurrentHashMap<>();
    this.files = List.copyOf(files);
    Sha256 contents = new Sha256().numbers(files.size());
    files.forEach(contents::text);
    Sha256 sha = new Sha256().text("decoded").text(contents.hex()).text(Double.toString(cropShare));
    sha.numbers(classes.size());
    classes.forEach(sha::text);
    this.digest =
        sha.numbers(labels)
            .version("decoder", ImageFile.VERSION)
            .version("resizing", Resizing.VERSION)
            .hex();
  }

  private DecodedDataset(DecodedDataset own, ImageShape frame, boolean keeps) {
    this.name = own.name;
    this.classes = own.classes;
    this.images = own.images;
    this.labels = own.labels;
    this.cropShare = own.cropShare;
    this.memory = own.memory;
    this.files = own.files;
    this.digest = own.digest;
    this.frame = frame;
    this.keeps = keeps;
    this.kept = new AtomicReferenceArray<>(labels.length);
    this.framed = own.framed;
  }

  /**
   * How many pictures of a data set are byte for byte among those of another one, if it is known.
   */
  static long copies(Dataset of, Dataset among) {
    if (!(of instanceof DecodedDataset own && among instanceof DecodedDataset other)) {
      return 0;
    }
    Set<String> others = Set.copyOf(other.files);
    return own.files.stream().filter(others::contains).count();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String digest() {
    return digest;
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public Numbering numbering() {
    return images.numbering();
  }

  @Override
  public int number(int index) {
    return images.number(index);
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public boolean decodes() {
    return true;
  }

  @Override
  public Dataset framed(ImageShape shape) {
    return framed.computeIfAbsent(
        shape,
        wanted ->
            new DecodedDataset(
                this,
                wanted,
                framed.keySet().stream().noneMatch(other -> other.values() < wanted.values())));
  }

  /**
   * Decodes a picture, or finds it among those that are kept.
   *
   * @throws DataException if its file is gone or damaged
   */
  @Override
  public void read(int index, PixelView into) {
    Kept place = kept.get(index);
    if (isKept(place)) {
      byte[] pixels = into.room(place.shape().values());
      if (memory.read(place.position(), pixels, place.shape().values())) {
        into.set(pixels, 0, place.shape());
        return;
      }
    }
    Picture picture = decode(index);
    if (keeps && kept.compareAndSet(index, null, NOT_KEPT)) {
      keep(index, picture);
    }
    into.set(picture.pixels(), 0, picture.shape());
  }

  private void keep(int index, Picture picture) {
    long position = memory.keep(picture.pixels());
    if (position != DecodedMemory.NOT_KEPT) {
      kept.set(index, new Kept(position, picture.shape()));
    } else if (memory.keepsAny() && saidNotKept.compareAndSet(false, true)) {
      long those = IntStream.range(0, size()).mapToObj(kept::get).filter(this::isKept).count();
      LOG.warn(
          "{}: {} of {} pictures are kept decoded; the others are decoded again each time they are"
              + " seen, because {}",
          name,
          those,
          size(),
          memory.refusal());
    }
  }

  private boolean isKept(@Nullable Kept place) {
    return place != null && place.position() != DecodedMemory.NOT_KEPT;
  }

  @Override
  public Optional<byte[]> file(int index) throws IOException {
    return Optional.of(images.read(index));
  }

  private Picture decode(int index) {
    try {
      Picture picture = ImageFile.read(images.place(index), images.read(index));
      return frame == null ? picture : Resizing.fit(picture, frame, cropShare);
    } catch (IOException e) {
      throw new DataException(
          images.place(index) + ": cannot be read: " + FileFailure.reason(e), e);
    }
  }
}
