package dev.retort.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.plugins.tiff.BaselineTIFFTagSet;
import javax.imageio.plugins.tiff.TIFFDirectory;
import javax.imageio.plugins.tiff.TIFFField;
import org.jspecify.annotations.Nullable;

/**
 * The strips or tiles of a TIFF. Java's reader believes what the file says of them, and takes
 * memory and time for it, however small the picture is.
 */
final class TiffParts {
  /** Of a tile, which may be larger than the picture. */
  private static final int SMALL = 1 << 22;

  /** Of colours or inks, with transparency. */
  private static final int MOST_CHANNELS = 5;

  private static final int MOST_BITS = 16;

  private static final int[] OFFSETS = {
    BaselineTIFFTagSet.TAG_TILE_OFFSETS,
    BaselineTIFFTagSet.TAG_STRIP_OFFSETS,
    BaselineTIFFTagSet.TAG_JPEG_INTERCHANGE_FORMAT
  };
  private static final int[] LENGTHS = {
    BaselineTIFFTagSet.TAG_TILE_BYTE_COUNTS,
    BaselineTIFFTagSet.TAG_STRIP_BYTE_COUNTS,
    BaselineTIFFTagSet.TAG_JPEG_INTERCHANGE_FORMAT_LENGTH
  };

  private final byte[] file;
  private final TIFFDirectory directory;

  /** Of a part. */
  private final long pixels;

  private TiffParts(byte[] file, TIFFDirectory directory, long pixels) {
    this.file = file;
    this.directory = directory;
    this.pixels = pixels;
  }

  /**
   * Refuses parts that are larger than the file, or much larger than the picture, and JPEGs in them
   * that are, or that have too many scans.
   *
   * @param reader that has read the header; any but Java's own of TIFF is left alone
   */
  static void check(ImageReader reader, byte[] file) throws IOException {
    if (!reader.getFormatName().equalsIgnoreCase("tif")
        || reader.getClass().getModule() != ImageIO.class.getModule()) {
      return;
    }
    TIFFDirectory directory = TIFFDirectory.createFromMetadata(reader.getImageMetadata(0));
    boolean isTiled = directory.getTIFFField(BaselineTIFFTagSet.TAG_TILE_LENGTH) != null;
    int height = reader.getTileHeight(0);
    long rows = isTiled ? height : Math.min(height, reader.getHeight(0));
    long part = reader.getTileWidth(0) * rows;
    long whole = (long) reader.getWidth(0) * reader.getHeight(0);
    if (part < 1 || part > Math.max(whole, SMALL)) {
      throw new UnreadableImageException("damaged: its parts have no possible size");
    }
    requireAtMost(directory.getTIFFField(BaselineTIFFTagSet.TAG_SAMPLES_PER_PIXEL), MOST_CHANNELS);
    requireAtMost(directory.getTIFFField(BaselineTIFFTagSet.TAG_BITS_PER_SAMPLE), MOST_BITS);
    new TiffParts(file, directory, part).check();
  }

  /** Java's reader makes a table of all values that a channel may have, for each channel. */
  private static void requireAtMost(@Nullable TIFFField field, int most)
      throws UnreadableImageException {
    for (int i = 0; field != null && i < field.getCount(); i++) {
      if (field.getAsLong(i) > most) {
        throw new UnreadableImageException(Pixels.NEITHER + ": convert it, say to PNG");
      }
    }
  }

  private void check() throws UnreadableImageException {
    TIFFField compression = directory.getTIFFField(BaselineTIFFTagSet.TAG_COMPRESSION);
    TIFFField lengths = first(LENGTHS);
    switch (compression == null
        ? BaselineTIFFTagSet.COMPRESSION_NONE
        : (int) compression.getAsLong(0)) {
      case BaselineTIFFTagSet.COMPRESSION_NONE -> {} // is read row by row
      case BaselineTIFFTagSet.COMPRESSION_OLD_JPEG ->
          throw new UnreadableImageException(
              "a TIFF with a JPEG of the old kind inside: convert it, say to PNG");
      case BaselineTIFFTagSet.COMPRESSION_JPEG -> requireFewScans(first(OFFSETS), lengths);
      default -> {
        for (int i = 0; lengths != null && i < lengths.getCount(); i++) {
          requireInFile(0, lengths.getAsLong(i));
        }
      }
    }
  }

  /** The first that there is, as Java's reader takes them, whether the picture has tiles or not. */
  private @Nullable TIFFField first(int[] tags) {
    for (int tag : tags) {
      TIFFField field = directory.getTIFFField(tag);
      if (field != null) {
        return field;
      }
    }
    return null;
  }

  private void requireInFile(long offset, long length) throws UnreadableImageException {
    if (offset < 0 || length < 0 || length > file.length - offset) {
      throw new UnreadableImageException("damaged: a part of it is longer than the file");
    }
  }

  /** What is read again and again counts again, as it takes time again. */
  private void requireFewScans(@Nullable TIFFField offsets, @Nullable TIFFField lengths)
      throws UnreadableImageException {
    if (offsets == null || lengths == null || offsets.getCount() != lengths.getCount()) {
      throw new UnreadableImageException("damaged: it does not say where its parts are");
    }
    long bytes = 0;
    long scanned = 0;
    for (int i = 0; i < offsets.getCount(); i++) {
      requireInFile(offsets.getAsLong(i), lengths.getAsLong(i));
      bytes += lengths.getAsLong(i);
      requireInFile(0, bytes); // or they overlap
      byte[] jpeg = jpeg((int) offsets.getAsLong(i), (int) lengths.getAsLong(i));
      long frame = JpegSegment.pixels(jpeg);
      JpegSegment.Scans scans = JpegSegment.scans(jpeg);
      if (frame < 1 || frame > 2 * pixels + SMALL || !scans.ends()) {
        throw new UnreadableImageException("damaged: a JPEG in it has no possible size, or no end");
      }
      scanned += scans.count() * frame;
      if (scanned > ImageDecoder.MOST_PIXELS_OF_SCANS) {
        throw new UnreadableImageException("it has more scans than can be read");
      }
    }
  }

  /** A part as Java's reader makes a JPEG of it, from the tables that all of them share. */
  private byte[] jpeg(int offset, int length) {
    TIFFField field = directory.getTIFFField(BaselineTIFFTagSet.TAG_JPEG_TABLES);
    if (field == null) {
      return Arrays.copyOfRange(file, offset, offset + length);
    }
    byte[] tables = field.getAsBytes();
    int end = tables.length;
    for (int i = tables.length - 2; i > 0 && end == tables.length; i--) {
      end = JpegSegment.isEnd(tables, i) ? i : end;
    }
    boolean begins = length >= 2 && JpegSegment.isBegin(file, offset);
    int from = begins ? offset + 2 : offset;
    return ByteBuffer.allocate(end + offset + length - from)
        .put(tables, 0, end)
        .put(file, from, offset + length - from)
        .array();
  }
}
