/** Pictures in Parquet tables. */
@NullMarked
package dev.retort.data.parquet;

import org.jspecify.annotations.NullMarked;
