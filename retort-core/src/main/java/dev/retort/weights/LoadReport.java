package dev.retort.weights;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * How a file's tensors fit a network.
 *
 * @param network the network's name
 * @param matched names that are in both, with the same shape
 * @param missing names of the network's that the file lacks
 * @param unexpected names of the file's that the network lacks
 * @param unfit tensors of the same name in both that cannot be copied, each with the reason
 * @param classes the number of classes that the file's classifier has, where it is not the
 *     network's
 */
public record LoadReport(
    String network,
    List<String> matched,
    List<String> missing,
    List<String> unexpected,
    List<String> unfit,
    OptionalInt classes) {
  private static final int NAMES_SHOWN = 10;

  public LoadReport {
    matched = List.copyOf(matched);
    missing = List.copyOf(missing);
    unexpected = List.copyOf(unexpected);
    unfit = List.copyOf(unfit);
  }

  /**
   * Whether the file has every tensor of the network, and no other. Counters of batches, which
   * nothing computes with, may be missing.
   */
  public boolean isComplete() {
    return missing.isEmpty() && unexpected.isEmpty() && unfit.isEmpty();
  }

  /** One sentence with the counts and the first names of each kind. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    parts.add(matched.size() + " tensors fit " + network);
    if (classes.isPresent()) {
      parts.add("the file's classifier has " + classes.getAsInt() + " classes");
    }
    add(parts, "do not fit", unfit);
    add(parts, "are missing", missing);
    add(parts, "are unexpected", unexpected);
    return String.join("; ", parts);
  }

  private static void add(List<String> parts, String what, List<String> names) {
    if (!names.isEmpty()) {
      int shown = Math.min(NAMES_SHOWN, names.size());
      String more = shown < names.size() ? ", …" : "";
      parts.add(
          "%s %s (%s%s)"
              .formatted(names.size(), what, String.join(", ", names.subList(0, shown)), more));
    }
  }
}
