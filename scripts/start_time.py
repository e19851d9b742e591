#!/usr/bin/env python3
"""How long `retort --help` takes, and a study from its start to the end of its first step.

    scripts/start_time.py --command ./retort --study examples/precision-study.yaml

The study is started --rounds + 1 times, each time in an empty folder, with a checkpoint after every step, and ended when
the first checkpoint stands; the first time, which fills the caches, does not count. Prints medians and extremes in seconds.
"""
import argparse
import pathlib
import shlex
import statistics
import subprocess
import tempfile
import time


def help_seconds(command):
    start = time.monotonic()
    subprocess.run([*command, "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


def first_step_seconds(command, study, overrides):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "out")
        start = time.monotonic()
        line = [*command, "compare", study, "--out", str(out), "-o", "checkpoints.steps=1"]
        line += [word for override in overrides for word in ("-o", override)]
        said = pathlib.Path(folder, "said")
        process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=said.open("w"))
        try:
            while not any(out.glob("runs/*/checkpoints/*.json")):
                if process.poll() is not None:
                    raise SystemExit(f"{shlex.join(line)} ended with {process.returncode}:\n{said.read_text()}")
                time.sleep(0.005)
            return time.monotonic() - start
        finally:
            process.terminate()
            process.wait()


def line(name, seconds):
    print(f"{name}: {statistics.median(seconds):.2f} s (median of {len(seconds)},"
          f" {min(seconds):.2f} to {max(seconds):.2f})")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", default="./retort")
    parser.add_argument("--study", required=True)
    parser.add_argument("-o", dest="overrides", action="append", default=[], metavar="KEY=VALUE",
                        help="as compare has it, such as data=cifar10:DIR")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    command = shlex.split(arguments.command)
    help_seconds(command)
    line("--help", [help_seconds(command) for _ in range(arguments.rounds)])
    first_step_seconds(command, arguments.study, arguments.overrides)
    line("first step", [first_step_seconds(command, arguments.study, arguments.overrides)
                        for _ in range(arguments.rounds)])


if __name__ == "__main__":
    main()
