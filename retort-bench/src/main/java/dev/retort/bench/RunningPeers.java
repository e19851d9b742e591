package dev.retort.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** All peers, started and told what they work on. */
final class RunningPeers implements AutoCloseable {
  private static final List<String> SCRIPTS = List.of("plain.py", "tuned.py");

  private final List<Running> all = new ArrayList<>();

  /**
   * A peer that waits for requests.
   *
   * @param introduction what it said of itself: {@code python}, {@code torch}, {@code details}
   */
  record Running(Peer peer, JsonNode introduction) {}

  /**
   * @param scripts the folder of their scripts
   * @param work the folder for what they print on stderr
   * @param setup the first request to each
   */
  RunningPeers(PythonInterpreter python, Path scripts, Path work, Map<String, Object> setup) {
    try {
      for (String script : SCRIPTS) {
        Peer peer = new Peer(python, scripts.resolve(script), work);
        try {
          all.add(new Running(peer, peer.ask(setup)));
        } catch (PeerException e) {
          peer.close();
          throw e;
        }
      }
    } catch (PeerException e) {
      close();
      throw e;
    }
  }

  /** Whether a folder has the scripts. */
  static boolean areIn(Path folder) {
    return SCRIPTS.stream().allMatch(script -> Files.isReadable(folder.resolve(script)));
  }

  List<Running> all() {
    return all;
  }

  @Override
  public void close() {
    all.forEach(running -> running.peer().close());
  }
}
