package dev.retort.distill;

import dev.retort.network.NearestNames;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** The kinds of terms that a method's list of objectives may name. */
public final class ObjectiveCatalog {
  /** One line a kind, in the order in which they are listed to users. */
  private static final List<ObjectiveKind> BUILT_IN =
      List.of(
          new ObjectiveKind(
              "cross-entropy",
              new CrossEntropy.Settings(null, null),
              "the student's error on the labels",
              "label smoothing: Szegedy et al. 2016, section 7"),
          new ObjectiveKind(
              "hinton",
              new Hinton.Settings(null, null, null),
              "the teacher's softened probabilities",
              "Hinton, Vinyals and Dean 2015, section 2"),
          new ObjectiveKind(
              "logit-regression",
              new LogitRegression.Settings(null, null, null),
              "the teacher's logits, as they are or without each image's mean",
              "Ba and Caruana 2014, equation 1; Kim et al. 2021"),
          new ObjectiveKind(
              "hinton-standardized",
              new HintonStandardized.Settings(null, null, null),
              "Hinton's loss of logits that are z-scored image by image",
              "Sun et al. 2024, algorithm 1"),
          new ObjectiveKind(
              "ttm",
              new Ttm.Settings(null, null, null),
              "a power of the teacher's probabilities, at the student's temperature 1",
              "Zheng and Yang 2024, section 3"),
          new ObjectiveKind(
              "wttm",
              new Wttm.Settings(null, null, null),
              "the same, images weighted by how smooth the teacher's answer is",
              "Zheng and Yang 2024, section 4"),
          new ObjectiveKind(
              "dkd",
              new Dkd.Settings(null, null, null, null, null, null),
              "Hinton's divergence, the label's class and the others apart",
              "Zhao et al. 2022, equation 7"),
          new ObjectiveKind(
              "dist",
              new Dist.Settings(null, null, null, null, null),
              "the correlations of the teacher's probabilities over classes and over images",
              "Huang et al. 2022, section 4"),
          new ObjectiveKind(
              "fitnet",
              new FitNet.Settings(null, null, null, null),
              "a feature map of the teacher, through a learned regressor",
              "Romero et al. 2015, equation 3"),
          new ObjectiveKind(
              "attention-transfer",
              new AttentionTransfer.Settings(null, null, null),
              "where the teacher's feature maps are active",
              "Zagoruyko and Komodakis 2017, equation 2"),
          new ObjectiveKind(
              "vid",
              new Vid.Settings(null, null, null, null, null),
              "a bound of the mutual information of both networks' feature maps",
              "Ahn et al. 2019, section 2"),
          new ObjectiveKind(
              "sp",
              new SimilarityPreserving.Settings(null, null, null),
              "which images of a batch the teacher's activations find similar",
              "Tung and Mori 2019, section 3"),
          new ObjectiveKind(
              "pkt",
              new Pkt.Settings(null, null, null),
              "which neighbours an image has among the batch's embeddings",
              "Passalis and Tefas 2018, section 3"),
          new ObjectiveKind(
              "rkd",
              new Rkd.Settings(null, null, null, null, null),
              "distances and angles among the batch's embeddings",
              "Park et al. 2019, section 3.2"),
          new ObjectiveKind(
              "kd-plus-plus",
              new KdPlusPlus.Settings(null, null, null, null, null, null),
              "an embedding as long as the teacher's, in the direction of its class",
              "Wang et al. 2023, section 3"),
          new ObjectiveKind(
              "crd",
              new Crd.Settings(null, null, null, null, null, null, null, null, null),
              "to tell the teacher's embedding of an image from those of other images",
              "Tian, Krishnan and Isola 2020, section 3.1 and equation 18"),
          new ObjectiveKind(
              "review-kd",
              new ReviewKd.Settings(null, null, null, null),
              "each feature map of the teacher, from the student's of that level and all deeper",
              "Chen et al. 2021, section 3"));

  private final Map<String, ObjectiveKind> kinds;

  private ObjectiveCatalog(Map<String, ObjectiveKind> kinds) {
    this.kinds = Collections.unmodifiableMap(kinds);
  }

  /**
   * Retort's own kinds, then those of every {@link ObjectiveProvider} on the class path.
   *
   * @throws IllegalArgumentException if two have one name
   */
  public static ObjectiveCatalog standard() {
    List<ObjectiveKind> all = new ArrayList<>(BUILT_IN);
    try {
      for (ObjectiveProvider provider : ServiceLoader.load(ObjectiveProvider.class)) {
        all.addAll(provider.objectives());
      }
    } catch (ServiceConfigurationError e) {
      throw new IllegalArgumentException(
          "an objective provider on the class path cannot be used: " + e.getMessage(), e);
    }
    return new ObjectiveCatalog(Map.of()).with(all.toArray(new ObjectiveKind[0]));
  }

  /**
   * This catalogue with more kinds behind those that it has.
   *
   * @throws IllegalArgumentException if two have one name
   */
  public ObjectiveCatalog with(ObjectiveKind... more) {
    Map<String, ObjectiveKind> all = new LinkedHashMap<>(kinds);
    for (ObjectiveKind kind : more) {
      if (all.putIfAbsent(kind.name(), kind) != null) {
        throw new IllegalArgumentException("two objectives are named '" + kind.name() + "'");
      }
    }
    return new ObjectiveCatalog(all);
  }

  /** Every kind, in the order in which they are listed to users. */
  public Collection<ObjectiveKind> kinds() {
    return kinds.values();
  }

  /**
   * The kind of that name.
   *
   * @throws IllegalArgumentException if there is none; the message has the nearest names
   */
  public ObjectiveKind named(String name) {
    ObjectiveKind kind = kinds.get(name);
    if (kind == null) {
      throw new IllegalArgumentException(
          "no objective is named '"
              + name
              + "'; did you mean "
              + String.join(", ", NearestNames.of(name, kinds.keySet()))
              + "?");
    }
    return kind;
  }

  /**
   * The kind that settings belong to.
   *
   * @throws IllegalArgumentException if none of this catalogue has settings of that class
   */
  public ObjectiveKind of(ObjectiveSettings settings) {
    return kinds.values().stream()
        .filter(kind -> kind.defaults().getClass() == settings.getClass())
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no objective has settings of class " + settings.getClass().getName()));
  }
}
