/** Configuration, the grid of methods and seeds, the folder of results, statistics. */
@NullMarked
package dev.retort.study;

import org.jspecify.annotations.NullMarked;
