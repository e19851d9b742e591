/**
 * The discriminator, the inner problem that trains it, and the term that the student maximises
 * against it.
 */
@NullMarked
package dev.retort.adversary;

import org.jspecify.annotations.NullMarked;
