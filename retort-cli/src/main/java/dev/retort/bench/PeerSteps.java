package dev.retort.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Work of a peer's that is asked for by one request, with another number of steps each time. */
final class PeerSteps implements Workload {
  private final Peer peer;
  private final String name;
  private final int leastSteps;
  private final Map<String, Object> request;
  private final List<List<Double>> losses = new ArrayList<>();
  private int seed;

  /**
   * @param request without the number of steps and the seed
   */
  PeerSteps(Peer peer, String name, int leastSteps, Map<String, Object> request) {
    this.peer = peer;
    this.name = name + ", " + peer.name();
    this.leastSteps = leastSteps;
    this.request = request;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int leastSteps() {
    return leastSteps;
  }

  @Override
  public double secondsAStep(int steps) {
    Map<String, Object> whole = new HashMap<>(request);
    whole.put("steps", steps);
    whole.put("seed", seed++);
    JsonNode answer = peer.ask(whole);
    List<Double> epochs = new ArrayList<>();
    double sum = 0;
    int number = 0;
    for (JsonNode loss : answer.path("losses")) {
      sum += loss.asDouble();
      if (++number % BenchmarkData.STEPS_AN_EPOCH == 0) {
        epochs.add(sum / BenchmarkData.STEPS_AN_EPOCH);
        sum = 0;
      }
    }
    losses.add(epochs);
    return answer.get("seconds").asDouble();
  }

  /** The mean loss of each whole epoch of each training. */
  List<List<Double>> losses() {
    return losses;
  }
}
