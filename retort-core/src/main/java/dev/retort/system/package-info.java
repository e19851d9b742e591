/**
 * What every package needs of the system, below LibTorch: files that are written whole or not at
 * all, folders, {@code /proc}, digests, sizes and words in text, what jars offer, and which build
 * this is.
 */
@NullMarked
package dev.retort.system;

import org.jspecify.annotations.NullMarked;
