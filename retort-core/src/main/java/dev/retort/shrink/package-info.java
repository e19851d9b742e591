/** From a model and limits to a student within them: candidates, their costs, and the choice. */
@NullMarked
package dev.retort.shrink;

import org.jspecify.annotations.NullMarked;
