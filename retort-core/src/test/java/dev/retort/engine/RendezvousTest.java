package dev.retort.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** What each launcher says in the environment is understood. */
@NullUnmarked
class RendezvousTest {
  private static final Map<String, String> TORCHRUN =
      Map.of(
          "RANK", "5",
          "LOCAL_RANK", "1",
          "WORLD_SIZE", "8",
          "MASTER_ADDR", "node7",
          "MASTER_PORT", "29400");

  private static final Map<String, String> SRUN =
      Map.of(
          "SLURM_STEP_ID", "0",
          "SLURM_PROCID", "3",
          "SLURM_LOCALID", "1",
          "SLURM_NTASKS", "4",
          "SLURM_NNODES", "1",
          "SLURM_JOB_ID", "123456");

  @Test
  void torchrunAndKubeflow() {
    assertThat(Rendezvous.of(TORCHRUN))
        .isEqualTo(new Rendezvous(5, 1, 8, "node7", 29400, false, 0));
    assertThat(
            Rendezvous.of(
                with(
                    TORCHRUN,
                    "TORCHELASTIC_USE_AGENT_STORE",
                    "True",
                    "TORCHELASTIC_RESTART_COUNT",
                    "2")))
        .isEqualTo(new Rendezvous(5, 1, 8, "node7", 29400, true, 2));
  }

  @Test
  void slurmOnOneMachineNeedsNoMore() {
    assertThat(Rendezvous.of(SRUN))
        .isEqualTo(new Rendezvous(3, 1, 4, "127.0.0.1", 26373, false, 0));
    assertThat(Rendezvous.of(with(SRUN, "SLURM_STEP_ID", "1")).port()).isEqualTo(26374);
  }

  @Test
  void slurmOnSeveralMachinesNeedsAnAddress() {
    Map<String, String> two = with(SRUN, "SLURM_NNODES", "2");
    assertThatThrownBy(() -> Rendezvous.of(two))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("MASTER_ADDR");
    assertThat(Rendezvous.of(with(two, "MASTER_ADDR", "node1", "MASTER_PORT", "5000")))
        .isEqualTo(new Rendezvous(3, 1, 4, "node1", 5000, false, 0));
  }

  @Test
  void oneProcessIsAlone() {
    assertThat(Rendezvous.of(Map.of())).isNull();
    assertThat(Rendezvous.of(with(TORCHRUN, "WORLD_SIZE", "1", "RANK", "0"))).isNull();
    assertThat(Rendezvous.of(with(SRUN, "SLURM_NTASKS", "1"))).isNull();
    Map<String, String> batchScript = new HashMap<>(SRUN);
    batchScript.remove("SLURM_STEP_ID");
    assertThat(Rendezvous.of(batchScript)).isNull();
  }

  @Test
  void aPartOfTheContractIsRefused() {
    assertThatThrownBy(() -> Rendezvous.of(Map.of("WORLD_SIZE", "2", "RANK", "0")))
        .hasMessageContaining("lacks MASTER_ADDR");
    assertThatThrownBy(() -> Rendezvous.of(with(TORCHRUN, "RANK", "8")))
        .hasMessageContaining("rank 8 of 8");
    assertThatThrownBy(() -> Rendezvous.of(with(TORCHRUN, "MASTER_PORT", "many")))
        .hasMessageContaining("MASTER_PORT must be a whole number, not 'many'");
  }

  private static Map<String, String> with(Map<String, String> environment, String... more) {
    Map<String, String> changed = new HashMap<>(environment);
    for (int i = 0; i < more.length; i += 2) {
      changed.put(more[i], more[i + 1]);
    }
    return changed;
  }
}
