package dev.retort.bench;

/**
 * How large a study is, beside its methods.
 *
 * @param seeds of each method; all see the same views
 * @param epochs of each run
 * @param steps an epoch
 * @param validationImages that are classified after each epoch
 */
public record StudySize(int seeds, int epochs, int steps, int validationImages) {}
