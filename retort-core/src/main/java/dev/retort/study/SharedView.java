package dev.retort.study;

/**
 * One view of all training images, of which several runs of a study read the teacher's outputs.
 *
 * @param dataSeed decides how the images are varied
 * @param view its number, from 0
 */
public record SharedView(long dataSeed, int view) {}
