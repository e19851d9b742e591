package dev.retort.adversary;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a discriminator knows of the images beside the representation that it judges.
 *
 * @param labels {@code [N]} of 64-bit integers
 * @param partner the teacher's representation of another augmentation of the same images, encoded;
 *     null unless D reads pairs
 */
record Condition(Tensor labels, @Nullable Tensor partner) {}
