package dev.retort.study.config;

import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonMappingException;

/** A value that does not fit, in words that follow its key: "must be one of …". */
final class ConfigurationProblem extends JsonMappingException {
  ConfigurationProblem(DeserializationContext context, String sentence) {
    super(context.getParser(), sentence);
  }
}
