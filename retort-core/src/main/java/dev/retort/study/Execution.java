package dev.retort.study;

import dev.retort.engine.Collective;
import dev.retort.engine.Device;
import dev.retort.training.StopRequest;

/**
 * How and where a study computes: what is no key of its configuration.
 *
 * @param device where networks compute
 * @param ranks that share each run, this process one of them
 * @param listener gets the study's progress
 * @param stop asks the study to save where it stands and leave; of several ranks, all of them
 */
record Execution(Device device, Collective ranks, StudyListener listener, StopRequest stop) {}
