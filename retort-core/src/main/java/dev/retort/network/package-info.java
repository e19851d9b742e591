/**
 * Networks from images to logits and named hidden representations, the zoo, and what a network
 * consists of.
 */
@NullMarked
package dev.retort.network;

import org.jspecify.annotations.NullMarked;
