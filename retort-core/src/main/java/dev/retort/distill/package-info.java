/** The terms of a student's loss: one file a method, with the equation of its paper. */
@NullMarked
package dev.retort.distill;

import org.jspecify.annotations.NullMarked;
