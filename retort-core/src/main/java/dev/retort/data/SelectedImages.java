package dev.retort.data;

import dev.retort.system.Sha256;
import java.io.IOException;

/** Some of many pictures. */
record SelectedImages(EncodedImages all, int[] indices) implements EncodedImages {
  @Override
  public int size() {
    return indices.length;
  }

  @Override
  public String place(int index) {
    return all.place(indices[index]);
  }

  @Override
  public byte[] read(int index) throws IOException {
    return all.read(indices[index]);
  }

  @Override
  public Dataset.Numbering numbering() {
    return all.numbering();
  }

  @Override
  public int number(int index) {
    return all.number(indices[index]);
  }

  @Override
  public String stamp() {
    return new Sha256().text(all.stamp()).numbers(indices).hex();
  }
}
