#!/usr/bin/env python3
"""Trains with two ranks over a network with delay and loss.

Two network namespaces are joined by a pair of virtual Ethernet devices with `tc netem`; where the kernel lacks netem, by
two TUN devices between which this script carries the packets, late and not all of them. The student must be, byte for
byte, that of two ranks on the same kind of link without delay. Needs root, iproute2 and Python 3.12 or newer (`os.setns`), and touches no device but its own.

    scripts/slow_network.py --command ./retort --delay 50 --loss 1
"""

import argparse
import fcntl
import heapq
import os
import pathlib
import random
import select
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time

STUDY = """\
data: cifar10-mini
network: resnet8
test: false
training: {epochs: 1, batchSize: 500, learningRate: 0.1, precision: fp32}
"""
STUDENT = "runs/resnet8-cross-entropy-seed1/student.safetensors"
NAMES = [f"retort-{os.getpid()}-{side}" for side in "ab"]
DEVICE = "retort0"


def run(*line, **options):
    return subprocess.run(line, check=True, **options)


class VirtualEthernet:
    """The kernel's own link, and its own delay."""

    def __init__(self):
        run("ip", "-n", NAMES[0], "link", "add", DEVICE, "type", "veth", "peer", "name", DEVICE, "netns", NAMES[1])

    def slow_down(self, delay, loss):
        for name in NAMES:
            run("tc", "-n", name, "qdisc", "add", "dev", DEVICE, "root", "netem", "delay", f"{delay}ms", "loss", f"{loss}%")


class Tunnel:
    """Packets carried from one namespace to the other by a thread."""

    TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000

    def __init__(self):
        self.delay, self.loss = 0.0, 0.0
        self.carried, self.lost = 0, 0
        self.ends = []
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        for name in NAMES:
            namespace = os.open(f"/run/netns/{name}", os.O_RDONLY)
            os.setns(namespace, os.CLONE_NEWNET)
            end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(end, self.TUNSETIFF, struct.pack("16sH22x", DEVICE.encode(), self.IFF_TUN | self.IFF_NO_PI))
            self.ends.append(end)
            os.setns(home, os.CLONE_NEWNET)
            os.close(namespace)
        os.close(home)
        threading.Thread(target=self.carry, daemon=True).start()

    def slow_down(self, delay, loss):
        self.delay, self.loss = delay / 1000, loss / 100

    def carry(self):
        under_way, number = [], 0
        draw = random.Random(1)
        while True:
            patience = max(0.0, under_way[0][0] - time.monotonic()) if under_way else 1.0
            ready, _, _ = select.select(self.ends, [], [], patience)
            for end in ready:
                try:
                    packet = os.read(end, 65536)
                except OSError:  # The device is not up yet.
                    time.sleep(0.01)
                    continue
                if draw.random() < self.loss:
                    self.lost += 1
                else:
                    number += 1
                    self.carried += 1
                    other = self.ends[1 - self.ends.index(end)]
                    heapq.heappush(under_way, (time.monotonic() + self.delay, number, other, packet))
            while under_way and under_way[0][0] <= time.monotonic():
                _, _, end, packet = heapq.heappop(under_way)
                try:
                    os.write(end, packet)
                except OSError:  # As any network, it may lose what it cannot carry.
                    pass


def has_netem():
    tried = subprocess.run(["tc", "-n", NAMES[0], "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"],
                           capture_output=True, check=False)
    subprocess.run(["tc", "-n", NAMES[0], "qdisc", "delete", "dev", "lo", "root"], capture_output=True, check=False)
    return tried.returncode == 0


def train(command, study, out):
    """Seconds that the two ranks took."""
    began = time.monotonic()
    ranks = []
    for rank, name in enumerate(NAMES):
        environment = dict(os.environ, RANK=str(rank), LOCAL_RANK="0", WORLD_SIZE="2", MASTER_ADDR="10.0.0.1",
                           MASTER_PORT="29500", GLOO_SOCKET_IFNAME=DEVICE)
        environment.setdefault("OMP_NUM_THREADS", "1")
        line = ["ip", "netns", "exec", name] + shlex.split(command) + ["train", str(study), "--out", str(out)]
        log = open(f"{out}-{rank}.log", "w", encoding="utf-8")
        ranks.append(subprocess.Popen(line, env=environment, stdout=log, stderr=subprocess.STDOUT))
    if [process.wait() for process in ranks] != [0, 0]:
        sys.exit("\n".join(pathlib.Path(f"{out}-{rank}.log").read_text() for rank in range(2)))
    return time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", default="./retort", help="how Retort is started")
    parser.add_argument("--delay", type=float, default=50, help="milliseconds, each way")
    parser.add_argument("--loss", type=float, default=1, help="percent of the packets")
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="slow-network-"))
    study = folder / "training.yaml"
    study.write_text(STUDY)
    try:
        for name in NAMES:
            run("ip", "netns", "add", name)
        netem = has_netem()
        link = VirtualEthernet() if netem else Tunnel()
        for number, name in enumerate(NAMES, 1):
            run("ip", "-n", name, "address", "add", f"10.0.0.{number}/24", "dev", DEVICE)
            run("ip", "-n", name, "link", "set", DEVICE, "up")
            run("ip", "-n", name, "link", "set", "lo", "up")
        near = train(arguments.command, study, folder / "near")
        link.slow_down(arguments.delay, arguments.loss)
        far = train(arguments.command, study, folder / "far")
        same = (folder / "near" / STUDENT).read_bytes() == (folder / "far" / STUDENT).read_bytes()
        print(f"{'the same student, byte for byte' if same else 'NOT the same student'}: {near:.1f} s without delay, "
              f"{far:.1f} s with {arguments.delay:g} ms each way and {arguments.loss:g} % loss "
              f"({'netem' if netem else f'TUN, {link.carried} packets carried, {link.lost} lost'})")
        sys.exit(0 if same else 1)
    finally:
        for name in NAMES:
            subprocess.run(["ip", "netns", "delete", name], check=False)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
