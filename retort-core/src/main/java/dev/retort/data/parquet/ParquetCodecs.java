package dev.retort.data.parquet;

import dev.retort.data.DataException;
import io.airlift.compress.Decompressor;
import io.airlift.compress.lz4.Lz4Decompressor;
import io.airlift.compress.snappy.SnappyDecompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/** Decompression in Java alone, where Parquet's own goes through Hadoop. */
final class ParquetCodecs implements CompressionCodecFactory {
  private static final int LARGEST_PAGE = 1 << 26;
  private static final long LARGEST_RATIO = 1000;

  private final Path file;

  /** Of a file, which is named where it is refused. */
  ParquetCodecs(Path file) {
    this.file = file;
  }

  @Override
  public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
    return switch (codec) {
      case UNCOMPRESSED -> new Bytes((in, size) -> in);
      case GZIP -> new Bytes(ParquetCodecs::gunzip);
      case SNAPPY -> new Bytes((in, size) -> block(new SnappyDecompressor(), in, size));
      case ZSTD -> new Bytes((in, size) -> block(new ZstdDecompressor(), in, size));
      case LZ4_RAW -> new Bytes((in, size) -> block(new Lz4Decompressor(), in, size));
      default ->
          throw new DataException(
              "%s: its compression, %s, is not read: write it with snappy, zstd, gzip, lz4_raw or none"
                  .formatted(file, codec));
    };
  }

  /** What a page is believed to unfold to: 64 MB, or a thousand times its own size. */
  private void requireBelievable(long compressed, int size) {
    if (size > LARGEST_PAGE && size > LARGEST_RATIO * compressed) {
      throw new DataException(
          "%s: refused: a page of %s bytes would swell to %s".formatted(file, compressed, size));
    }
  }

  private static byte[] block(Decompressor codec, byte[] in, int size) {
    byte[] out = new byte[size];
    codec.decompress(in, 0, in.length, out, 0, size);
    return out;
  }

  private static byte[] gunzip(byte[] in, int size) throws IOException {
    try (GZIPInputStream stream = new GZIPInputStream(new ByteArrayInputStream(in))) {
      return stream.readNBytes(size);
    }
  }

  @Override
  public BytesInputCompressor getCompressor(CompressionCodecName codec) {
    throw new UnsupportedOperationException("tables are only read");
  }

  @Override
  public void release() {}

  private interface Codec {
    byte[] decompress(byte[] in, int size) throws IOException;
  }

  private final class Bytes implements CompressionCodecFactory.BytesInputDecompressor {
    private final Codec codec;

    Bytes(Codec codec) {
      this.codec = codec;
    }

    @Override
    public BytesInput decompress(BytesInput bytes, int decompressedSize) throws IOException {
      requireBelievable(bytes.size(), decompressedSize);
      return BytesInput.from(
          codec.decompress(bytes.toInputStream().readAllBytes(), decompressedSize));
    }

    @Override
    public void decompress(
        ByteBuffer input, int compressedSize, ByteBuffer output, int decompressedSize)
        throws IOException {
      requireBelievable(compressedSize, decompressedSize);
      byte[] in = new byte[compressedSize];
      input.get(in);
      output.put(codec.decompress(in, decompressedSize));
    }

    @Override
    public void release() {}
  }
}
