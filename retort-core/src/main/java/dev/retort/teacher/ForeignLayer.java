package dev.retort.teacher;

/**
 * A layer of a foreign model that may be tapped.
 *
 * @param name of its output in the model
 * @param operator what the model calls that kind of layer
 * @param shape of its output, without the batch dimension
 * @param parameters the number of its learnable values
 * @param macs multiply-accumulates for one image, of convolutions and matrices
 */
public record ForeignLayer(
    String name, String operator, long[] shape, long parameters, long macs) {}
