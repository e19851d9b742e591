package dev.retort.serve;

/**
 * How probable a class is for a picture.
 *
 * @param name the class's
 * @param probability in [0, 1]; those of all classes add up to 1
 */
public record Prediction(String name, float probability) {}
