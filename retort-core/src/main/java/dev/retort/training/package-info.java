/**
 * The loop, the loss that it minimises, validation, averages of weights, checkpoints, listeners.
 */
@NullMarked
package dev.retort.training;

import org.jspecify.annotations.NullMarked;
