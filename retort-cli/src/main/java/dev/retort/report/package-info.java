/** The figures and the page of a study's folder. AWT is loaded only when a report is written. */
@NullMarked
package dev.retort.report;

import org.jspecify.annotations.NullMarked;
