/** Batches of images as a training and an evaluation read them. */
@NullMarked
package dev.retort.data.batch;

import org.jspecify.annotations.NullMarked;
