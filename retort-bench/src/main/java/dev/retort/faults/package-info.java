/** Does to a training what machines do to it, and counts what survives. */
@NullMarked
package dev.retort.faults;

import org.jspecify.annotations.NullMarked;
