/** What a study is: the configuration as records, read from YAML, and the preset methods. */
@NullMarked
package dev.retort.study.config;

import org.jspecify.annotations.NullMarked;
