package dev.retort.distill;

import dev.retort.system.Providers;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** The kinds of terms that a method's list of objectives may name. */
public final class ObjectiveCatalog {
  /** One line a kind, in the order in which they are listed to users. */
  private static final List<ObjectiveKind> BUILT_IN =
      List.of(
          CrossEntropy.KIND,
          Hinton.KIND,
          LogitRegression.KIND,
          HintonStandardized.KIND,
          Ttm.KIND,
          Wttm.KIND,
          Dkd.KIND,
          Dist.KIND,
          FitNet.KIND,
          AttentionTransfer.KIND,
          Vid.KIND,
          SimilarityPreserving.KIND,
          Pkt.KIND,
          Rkd.KIND,
          KdPlusPlus.KIND,
          Crd.KIND,
          ReviewKd.KIND);

  private final Map<String, ObjectiveKind> byName;

  private ObjectiveCatalog(Map<String, ObjectiveKind> byName) {
    this.byName = Collections.unmodifiableMap(byName);
  }

  /**
   * Retort's own kinds, then those of every {@link ObjectiveProvider} on the class path. Those with
   * an adversary or a critic lie in a package above this one; {@code MethodPresets} adds them.
   *
   * @throws IllegalArgumentException if two have one name
   */
  public static ObjectiveCatalog withoutAdversaries() {
    List<ObjectiveKind> all = new ArrayList<>(BUILT_IN);
    Providers.each(
        ObjectiveProvider.class,
        "an objective provider",
        provider -> all.addAll(provider.objectives()));
    return new ObjectiveCatalog(Map.of()).with(all.toArray(new ObjectiveKind[0]));
  }

  /**
   * This catalogue with more kinds behind those that it has.
   *
   * @throws IllegalArgumentException if two have one name
   */
  public ObjectiveCatalog with(ObjectiveKind... more) {
    Map<String, ObjectiveKind> all = new LinkedHashMap<>(byName);
    for (ObjectiveKind kind : more) {
      for (String name : kind.names()) {
        if (all.putIfAbsent(name, kind) != null) {
          throw new IllegalArgumentException("two objectives have the name '" + name + "'");
        }
      }
    }
    return new ObjectiveCatalog(all);
  }

  /** Every kind, in the order in which they are listed to users. */
  public Collection<ObjectiveKind> kinds() {
    return new LinkedHashSet<>(byName.values());
  }

  /** The kinds by all of their names, in that order; a kind's own name comes before its aliases. */
  public Map<String, ObjectiveKind> byName() {
    return byName;
  }
}
