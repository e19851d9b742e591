package dev.retort.cli;

import dev.retort.data.DatasetOptions;
import dev.retort.data.DatasetSource;
import dev.retort.data.ImageShape;
import dev.retort.data.InspectionProgress;
import dev.retort.data.Splits;
import dev.retort.teacher.ModelSource;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** How DATA become a data set, in the words of a configuration's {@code data}. */
class DataOptions {
  @Spec(Spec.Target.MIXEE)
  CommandSpec command;

  @Mixin PictureOptions pictures;

  @Mixin PartOptions parts;

  /** The pictures without classes that a study trains on too; null for none. */
  @Nullable Path unlabelled() {
    return null;
  }

  /** For images that no model is asked about. */
  final DatasetOptions options() {
    return parts.options(pictures.size, pictures.resize, pictures.channels, unlabelled());
  }

  /**
   * For images that are brought to what a model reads.
   *
   * @param input null where its file does not say
   */
  final DatasetOptions options(@Nullable ImageShape input, ModelSource model) {
    Integer size = size(input);
    return parts.options(size, pictures.resizeFor(model, size), pictures.channels, unlabelled());
  }

  private @Nullable Integer size(@Nullable ImageShape input) {
    return pictures.size == null && input != null && input.height() == input.width()
        ? Integer.valueOf(input.height())
        : pictures.size;
  }

  /**
   * Refuses options where no data are named that they could be of.
   *
   * @param kinds the classes that declare them
   */
  final void refuseWithoutData(Class<?>... kinds) {
    command.commandLine().getParseResult().matchedOptions().stream()
        .filter(option -> option.userObject() instanceof Field)
        .filter(option -> Set.of(kinds).contains(((Field) option.userObject()).getDeclaringClass()))
        .findFirst()
        .ifPresent(
            option -> {
              throw new IllegalArgumentException(
                  option.longestName() + " tells how data are read: give them with --data DATA");
            });
  }

  /**
   * Reads the images as a model reads them, where its file says how.
   *
   * @throws IllegalArgumentException if the options say otherwise, or make no sense for the images
   */
  final Splits open(DatasetSource data, ModelSource model) {
    model.requireThere();
    ImageShape input = model.input();
    if (input != null) {
      pictures.requireInput(model, input);
    } else {
      ImageShape recorded = model.pictures();
      input = recorded == null ? null : pictures.shapeFrom(recorded);
    }
    Integer size = size(input);
    return data.open(
        parts.options(size, pictures.resize, pictures.channels, unlabelled()),
        input,
        pictures.resizeFor(model, size),
        progress());
  }

  /** Of the look at pictures that were not seen before. */
  final InspectionProgress progress() {
    Main main = (Main) command.root().userObject();
    return new ReadingProgress(main.terminal(), System::nanoTime);
  }
}
