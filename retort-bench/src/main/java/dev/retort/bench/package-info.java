/** Measurements and checks that are too long for the build. */
@NullMarked
package dev.retort.bench;

import org.jspecify.annotations.NullMarked;
