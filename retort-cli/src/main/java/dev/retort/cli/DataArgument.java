package dev.retort.cli;

import dev.retort.data.DatasetSource;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads DATA; a relative path in it starts from the working folder. */
final class DataArgument implements ITypeConverter<DatasetSource> {
  @Override
  public DatasetSource convert(String value) {
    try {
      return DatasetSource.parse(value, Path.of(""));
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
