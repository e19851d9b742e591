/** Images, labels, their splits, and the deterministic stream of augmented batches. */
@NullMarked
package dev.retort.data;

import org.jspecify.annotations.NullMarked;
