package dev.retort.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Pictures as they lie in files, compressed. Safe to read from many threads. */
public interface EncodedImages {
  /** Pictures of which each is a file, in that order. */
  static EncodedImages of(List<Path> files) {
    return new ImageFiles(List.copyOf(files));
  }

  /** The number of pictures. */
  int size();

  /** Where a picture is, for who must find it: a path, or a file and a row. */
  String place(int index);

  /** The bytes of a picture's file. */
  byte[] read(int index) throws IOException;

  /** A text that changes when a picture may have changed, without reading any. */
  String stamp();

  /** The pictures among which {@link #number} counts. */
  default Dataset.Numbering numbering() {
    return new Dataset.Numbering(stamp(), size());
  }

  /** A picture's number among those that were found. */
  default int number(int index) {
    return index;
  }
}
