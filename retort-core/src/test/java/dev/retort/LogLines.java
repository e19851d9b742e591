package dev.retort;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What a class logs while something is done. */
public final class LogLines {
  private LogLines() {}

  public static List<String> of(Class<?> logging, Runnable action) {
    Logger logger = (Logger) LoggerFactory.getLogger(logging);
    ListAppender<ILoggingEvent> heard = new ListAppender<>();
    heard.start();
    logger.addAppender(heard);
    try {
      action.run();
    } finally {
      logger.detachAppender(heard);
    }
    return heard.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}
