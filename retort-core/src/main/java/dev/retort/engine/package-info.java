/**
 * Loads LibTorch, and is the only place that knows when native memory is freed, which threads and
 * which device compute, in which precision, and where random numbers come from.
 */
@NullMarked
package dev.retort.engine;

import org.jspecify.annotations.NullMarked;
