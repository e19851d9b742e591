package dev.retort.data;

import dev.retort.system.Sha256;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The images of one data set, then those of another. */
final class Concatenation implements Dataset {
  private final Dataset first;
  private final Dataset second;

  /** Kept, since some data sets look at all of their files to tell it. */
  private final Numbering ofFirst;

  private final Numbering ofSecond;

  /** Of two with the same classes. */
  Concatenation(Dataset first, Dataset second) {
    this(first, second, first.numbering(), second.numbering());
  }

  private Concatenation(Dataset first, Dataset second, Numbering ofFirst, Numbering ofSecond) {
    this.first = first;
    this.second = second;
    this.ofFirst = ofFirst;
    this.ofSecond = ofSecond;
  }

  @Override
  public String name() {
    return first.name() + " and " + second.name();
  }

  @Override
  public String digest() {
    return new Sha256().text("concatenation").text(first.digest()).text(second.digest()).hex();
  }

  @Override
  public List<String> classes() {
    return first.classes();
  }

  @Override
  public int size() {
    return Math.addExact(first.size(), second.size());
  }

  /** The first one's, which the second one's images follow. */
  @Override
  public Numbering numbering() {
    return new Numbering(ofFirst.of(), Math.addExact(ofFirst.images(), ofSecond.images()));
  }

  @Override
  public int number(int index) {
    return inFirst(index)
        ? first.number(index)
        : ofFirst.images() + second.number(index - first.size());
  }

  private boolean inFirst(int index) {
    return index < first.size();
  }

  @Override
  public int label(int index) {
    return inFirst(index) ? first.label(index) : second.label(index - first.size());
  }

  @Override
  public void read(int index, PixelView into) {
    if (inFirst(index)) {
      first.read(index, into);
    } else {
      second.read(index - first.size(), into);
    }
  }

  @Override
  public boolean decodes() {
    return first.decodes() || second.decodes();
  }

  @Override
  public Dataset framed(ImageShape shape) {
    return new Concatenation(first.framed(shape), second.framed(shape), ofFirst, ofSecond);
  }

  @Override
  public Optional<byte[]> file(int index) throws IOException {
    return inFirst(index) ? first.file(index) : second.file(index - first.size());
  }
}
