/**
 * The lowest package: loads LibTorch, and is the only place that knows when native memory is freed,
 * which threads and which device compute, in which precision, and where random numbers come from.
 * What every package needs of the system is here, too: files that are written whole or not at all,
 * folders, {@code /proc}, sizes and words in text, and which build this is.
 */
@NullMarked
package dev.retort.engine;

import org.jspecify.annotations.NullMarked;
