package dev.retort.engine;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the ranks of a training meet, as whatever starts them says in the environment: {@code
 * RANK}, {@code LOCAL_RANK}, {@code WORLD_SIZE}, {@code MASTER_ADDR} and {@code MASTER_PORT}
 * (torchrun's contract, which Kubeflow keeps too), else what {@code srun} says.
 *
 * @param rank 0 … ranks − 1
 * @param localRank this process's number on its machine: the number of its GPU
 * @param ranks how many there are
 * @param address the host name of rank 0's machine
 * @param port of the store through which the ranks find each other, 1 … 65535
 * @param storeIsServed whether the launcher serves the store; else rank 0 does
 * @param attempt the launcher's number of the start, from 0: ranks of another start are strangers
 */
public record Rendezvous(
    int rank,
    int localRank,
    int ranks,
    String address,
    int port,
    boolean storeIsServed,
    int attempt) {
  /** The port where neither the launcher nor the job's number gives one: PyTorch's own. */
  private static final int DEFAULT_PORT = 29500;

  private static final int FIRST_JOB_PORT = 20000;
  private static final int JOB_PORTS = 10000;

  public Rendezvous {
    if (ranks < 1 || rank < 0 || rank >= ranks) {
      throw new IllegalArgumentException(
          "rank " + rank + " of " + ranks + ": ranks count from 0 to WORLD_SIZE - 1");
    }
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("MASTER_PORT must be 1 … 65535, not " + port);
    }
  }

  /**
   * Reads the environment.
   *
   * @return null for a process that is alone
   * @throws IllegalArgumentException if it says only a part, or something that is no number
   */
  public static @Nullable Rendezvous of(Map<String, String> environment) {
    if (environment.containsKey("WORLD_SIZE")) {
      return number(environment, "WORLD_SIZE") == 1 ? null : ofTorchrun(environment);
    }
    // A batch script has SLURM_NTASKS too, but only srun starts a process for each.
    boolean step = environment.containsKey("SLURM_STEP_ID");
    boolean many = environment.containsKey("SLURM_NTASKS");
    return step && many && number(environment, "SLURM_NTASKS") > 1 ? ofSlurm(environment) : null;
  }

  private static Rendezvous ofTorchrun(Map<String, String> environment) {
    int rank = number(environment, "RANK");
    return new Rendezvous(
        rank,
        environment.containsKey("LOCAL_RANK") ? number(environment, "LOCAL_RANK") : rank,
        number(environment, "WORLD_SIZE"),
        text(environment, "MASTER_ADDR"),
        number(environment, "MASTER_PORT"),
        "True".equals(environment.get("TORCHELASTIC_USE_AGENT_STORE")),
        environment.containsKey("TORCHELASTIC_RESTART_COUNT")
            ? number(environment, "TORCHELASTIC_RESTART_COUNT")
            : 0);
  }

  private static Rendezvous ofSlurm(Map<String, String> environment) {
    boolean oneMachine = "1".equals(environment.get("SLURM_NNODES"));
    String address =
        environment.containsKey("MASTER_ADDR") || !oneMachine
            ? text(environment, "MASTER_ADDR")
            : "127.0.0.1";
    int port = DEFAULT_PORT;
    if (environment.containsKey("MASTER_PORT")) {
      port = number(environment, "MASTER_PORT");
    } else if (environment.containsKey("SLURM_JOB_ID")) {
      // Two jobs on one machine must not meet, nor two steps of one.
      String step = environment.get("SLURM_JOB_ID") + "." + environment.get("SLURM_STEP_ID");
      port = FIRST_JOB_PORT + Math.floorMod(step.hashCode(), JOB_PORTS);
    }
    return new Rendezvous(
        number(environment, "SLURM_PROCID"),
        number(environment, "SLURM_LOCALID"),
        number(environment, "SLURM_NTASKS"),
        address,
        port,
        false,
        0);
  }

  private static String text(Map<String, String> environment, String name) {
    String value = environment.get(name);
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException(
          """
          the environment says that there are several ranks, but lacks %s; torchrun and retort \
          launch set it, a Slurm script exports it"""
              .formatted(name));
    }
    return value;
  }

  private static int number(Map<String, String> environment, String name) {
    String value = text(environment, name);
    try {
      return Integer.parseInt(value.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " must be a whole number, not '" + value + "'", e);
    }
  }
}
