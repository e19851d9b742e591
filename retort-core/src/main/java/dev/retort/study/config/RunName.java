package dev.retort.study.config;

/**
 * Which run of a study's grid.
 *
 * @param student the student's name
 * @param method the method's name
 * @param seed from which initialisation, order and augmentation derive
 */
public record RunName(String student, String method, long seed) {
  /** The name of its folder: {@code resnet8-hinton-seed1}. */
  @Override
  public String toString() {
    return student + "-" + method + "-seed" + seed;
  }
}
