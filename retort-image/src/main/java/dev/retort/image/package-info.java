/** From a picture's file, or a picture in memory, to bytes, in the same way everywhere. */
@NullMarked
package dev.retort.image;

import org.jspecify.annotations.NullMarked;
