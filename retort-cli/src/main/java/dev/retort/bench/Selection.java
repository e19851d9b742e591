package dev.retort.bench;

import dev.retort.system.NearestNames;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What is to be measured beside the engine's peak.
 *
 * @param loader whether the loader is
 * @param networks which networks are, in order
 * @param methods which methods are, in order
 */
public record Selection(boolean loader, List<String> networks, List<String> methods) {
  private static final String LOADER = "loader";
  private static final String NETWORKS = "networks";
  private static final String METHODS = "methods";

  public Selection {
    networks = List.copyOf(networks);
    methods = List.copyOf(methods);
  }

  /**
   * Reads what a user selects.
   *
   * @param names {@code loader}, {@code networks}, {@code methods}, or the name of a network or a
   *     method; none for everything
   * @param networks all there are
   * @param methods all there are
   * @throws IllegalArgumentException if a name is none of these; the message has the nearest
   */
  public static Selection of(
      Collection<String> names, List<String> networks, List<String> methods) {
    if (names.isEmpty()) {
      return new Selection(true, networks, methods);
    }
    List<String> known = new ArrayList<>(List.of(LOADER, NETWORKS, METHODS));
    known.addAll(networks);
    known.addAll(methods);
    for (String name : names) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "there is nothing to measure of the name '%s'; did you mean %s? (loader, networks, methods, or the name of one)"
                .formatted(name, String.join(", ", NearestNames.of(name, known))));
      }
    }
    return new Selection(
        names.contains(LOADER),
        networks.stream().filter(name -> names.contains(NETWORKS) || names.contains(name)).toList(),
        methods.stream().filter(name -> names.contains(METHODS) || names.contains(name)).toList());
  }
}
