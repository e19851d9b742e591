/** The loop, its optimiser and schedule, checkpoints and listeners. */
@NullMarked
package dev.retort.training;

import org.jspecify.annotations.NullMarked;
