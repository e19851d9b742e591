/** Parameters in one vector, the rules that update it, and the schedule of the learning rate. */
@NullMarked
package dev.retort.optimization;

import org.jspecify.annotations.NullMarked;
