/** Images, labels, their splits, decoding and augmentation. */
@NullMarked
package dev.retort.data;

import org.jspecify.annotations.NullMarked;
