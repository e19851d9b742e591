package dev.retort.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Linux's /proc/cpuinfo says, on which records of "the same kind of machine" stand. */
class ProcessorTest {
  @TempDir Path folder;

  @Test
  void generationsOfOneNameAreToldApart() throws IOException {
    assertThat(
            name(
                """
                processor\t: 0
                vendor_id\t: AuthenticAMD
                cpu family\t: 25
                model\t\t: 17
                model name\t: AMD EPYC
                """))
        .isEqualTo("AMD EPYC (family 25, model 17)");
  }

  @Test
  void aNameWithoutFamilyIsTheName() throws IOException {
    assertThat(name("processor\t: 0\nmodel name\t: ARMv8 Processor rev 1 (v8l)\n"))
        .isEqualTo("ARMv8 Processor rev 1 (v8l)");
  }

  /** Of a Neoverse N1, as Linux has it in MIDR_EL1's terms. */
  @Test
  void processorsOfArmAreToldApartByTheirParts() throws IOException {
    assertThat(name("processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n"))
        .isEqualTo(System.getProperty("os.arch") + " (implementer 0x41, part 0xd0c)");
  }

  @Test
  void withoutANameItIsTheArchitecture() throws IOException {
    assertThat(name("processor\t: 0\nBogoMIPS\t: 50.00\n"))
        .isEqualTo(System.getProperty("os.arch"));
  }

  /** Of two sockets with two cores each, of which each is two threads. */
  @ParameterizedTest
  @CsvSource({
    "'0-7', 8, 4",
    "'0,4', 2, 1", // both threads of one core
    "'0-1,6', 3, 3",
    "'0-7', 2, 2", // a container's share of all
    "'16-23', 8, 4", // a container's own, numbered anew
  })
  void onlyTheCoresThatTheProcessMayUseCount(String allowed, int available, int cores)
      throws IOException {
    StringBuilder threads = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      threads.append(
          "processor\t: %d\nphysical id\t: %d\ncore id\t\t: %d\n\n".formatted(i, i % 4 / 2, i % 2));
    }
    Path info = Files.writeString(folder.resolve("cpuinfo"), threads);
    Path status =
        Files.writeString(
            folder.resolve("status"), "Name:\tjava\nCpus_allowed_list:\t" + allowed + "\n");

    assertThat(Processor.cores(info, status, available)).isEqualTo(cores);
  }

  private String name(String information) throws IOException {
    return Processor.name(Files.writeString(folder.resolve("cpuinfo"), information));
  }
}
