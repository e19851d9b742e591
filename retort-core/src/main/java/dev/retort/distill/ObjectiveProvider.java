package dev.retort.distill;

import java.util.List;

/**
 * Objectives from outside: implement this and name the class in {@code
 * META-INF/services/dev.retort.distill.ObjectiveProvider} of your jar, and {@link
 * ObjectiveCatalog#withoutAdversaries} finds them.
 */
public interface ObjectiveProvider {
  /** Its kinds of terms; a name that Retort has already is refused. */
  List<ObjectiveKind> objectives();
}
