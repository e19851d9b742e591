package dev.retort.bench;

import java.util.HashMap;
import java.util.Map;

/** Work of a peer's that is asked for by one request, with another number of steps each time. */
final class PeerSteps implements Workload {
  private final Peer peer;
  private final String name;
  private final Map<String, Object> request;
  private int seed;

  /**
   * @param request without the number of steps and the seed
   */
  PeerSteps(Peer peer, String name, Map<String, Object> request) {
    this.peer = peer;
    this.name = name + ", " + peer.name();
    this.request = request;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public double secondsAStep(int steps) {
    Map<String, Object> whole = new HashMap<>(request);
    whole.put("steps", steps);
    whole.put("seed", seed++);
    return peer.ask(whole).get("seconds").asDouble();
  }
}
