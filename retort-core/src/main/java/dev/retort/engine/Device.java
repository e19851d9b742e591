package dev.retort.engine;

import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;

/** Where tensors live and are computed. */
public enum Device {
  CPU(DeviceType.CPU),
  CUDA(DeviceType.CUDA);

  private final DeviceType type;

  Device(DeviceType type) {
    this.type = type;
  }

  DeviceType type() {
    return type;
  }

  /** Whether this machine and this build of LibTorch have the device. */
  public boolean isAvailable() {
    Engine.start();
    return this == CPU || torch.cuda_is_available();
  }

  /**
   * The device of that name.
   *
   * @throws EngineException if it is unknown, or not available here
   */
  public static Device named(String name) {
    for (Device device : values()) {
      if (device.name().equalsIgnoreCase(name)) {
        if (!device.isAvailable()) {
          throw new EngineException(
              "no "
                  + name
                  + " device here: build with -Pcuda on a machine with an NVIDIA driver, or use cpu");
        }
        return device;
      }
    }
    throw new EngineException("unknown device " + name + ": cpu or cuda");
  }
}
