/** Fetches a data set from elsewhere, whole or not at all. */
@NullMarked
package dev.retort.data.fetch;

import org.jspecify.annotations.NullMarked;
