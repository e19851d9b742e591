#!/usr/bin/env python3
"""Kills one rank of a data-parallel training at many moments, and checks what the others do.

For each of --moments moments, spread evenly over the duration of an undisturbed training: starts
--ranks ranks as torchrun would, kills one of them (SIGKILL), and requires of every other one that it ends within
--timeout + 5 seconds with exit code 1 and a sentence; where the ranks had not met yet, the time counts from when an
undisturbed one would have begun to wait for the others. Then goes on with --resume, with the same or another number of
ranks in turn, and requires that the training comes to its end.

    scripts/kill_ranks.py --command './retort' --moments 50

Prints a line a moment and a summary; exit code 0 if all moments passed.
"""

import argparse
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

STUDY = """\
data: cifar10-mini
network: resnet8
test: false
training: {epochs: 2, batchSize: 500, learningRate: 0.1}
"""
SENTENCE = "another one has ended or did not answer"
UNMET = "found no way to the others"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start(arguments, ranks, study, out, log):
    port = free_port()
    processes = []
    for rank in range(ranks):
        environment = dict(os.environ, RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE=str(ranks),
                           MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
        environment.setdefault("OMP_NUM_THREADS", "1")
        line = shlex.split(arguments.command) + [
            "train", str(study), "--out", str(out), "--resume", "--rank-timeout", str(arguments.timeout)]
        with open(log / f"rank-{rank}.log", "w") as output:
            processes.append(subprocess.Popen(line, env=environment, stdout=output, stderr=subprocess.STDOUT))
    return processes


def wait(processes, seconds):
    """Exit codes; None of a process that did not end in time, and is then killed."""
    deadline = time.monotonic() + seconds
    codes = []
    for process in processes:
        try:
            codes.append(process.wait(max(0.0, deadline - time.monotonic())))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            codes.append(None)
    return codes


OVER = "was over before"


def met(log):
    return "[Gloo]" in (log / "rank-0.log").read_text()


def moment(arguments, number, after, folder, study, start_up):
    """What went wrong at one moment; None for nothing. The second value says what happened."""
    out, log = folder / f"out-{number}", folder / f"log-{number}"
    log.mkdir()
    victim = number % arguments.ranks
    processes = start(arguments, arguments.ranks, study, out, log)
    time.sleep(after)
    if processes[victim].poll() is not None:
        codes = wait(processes, arguments.limit)
        return (None, OVER) if codes == [0] * len(codes) else (f"ended by itself: {codes}", "")
    processes[victim].send_signal(signal.SIGKILL)
    killed = time.monotonic()
    others = [process for rank, process in enumerate(processes) if rank != victim]
    waiting = 0.0 if met(log) else max(0.0, start_up - after)
    codes = wait(others, waiting + arguments.timeout + 5)
    took = time.monotonic() - killed
    processes[victim].wait()
    for rank, code in zip([rank for rank in range(arguments.ranks) if rank != victim], codes):
        text = (log / f"rank-{rank}.log").read_text()
        if code == 0:  # It was done, and needed the others no more.
            continue
        if code != 1:
            return f"rank {rank} ended with {code}: {text[-300:]}", ""
        if SENTENCE not in text and UNMET not in text:
            return f"rank {rank} gave no sentence: {text[-300:]}", ""
        if "Exception" in text or "\tat " in text:
            return f"rank {rank} printed a stack trace: {text[-300:]}", ""
    ranks = [arguments.ranks, 1, 2 * arguments.ranks][number % 3]
    resumed = wait(start(arguments, ranks, study, out, log), arguments.limit)
    if resumed != [0] * ranks:
        return f"the run did not go on with {ranks} ranks: {resumed}: {(log / 'rank-0.log').read_text()[-300:]}", ""
    results = list(out.glob("runs/*/result.json"))
    epochs = [len(file.read_text().splitlines()) for file in out.glob("runs/*/metrics.jsonl")]
    if len(results) != 1 or epochs != [2]:
        return f"the run that went on is not whole: {results}, {epochs} epochs", ""
    return None, f"others ended after {took:.1f} s, went on with {ranks}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", default="./retort", help="how Retort is started")
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--timeout", type=int, default=30, help="--rank-timeout of the ranks, in seconds")
    parser.add_argument("--limit", type=int, default=600, help="how long a whole training may take, in seconds")
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="kill-ranks-"))
    study = folder / "training.yaml"
    study.write_text(STUDY)
    (folder / "log").mkdir()
    # A build is no part of how long a training takes.
    subprocess.run(shlex.split(arguments.command) + ["--version"], check=True, stdout=subprocess.DEVNULL)
    began = time.monotonic()
    processes = start(arguments, arguments.ranks, study, folder / "out", folder / "log")
    while not met(folder / "log") and processes[0].poll() is None:
        time.sleep(0.02)
    start_up = time.monotonic() - began
    codes = wait(processes, arguments.limit)
    duration = time.monotonic() - began
    if codes != [0] * arguments.ranks:
        sys.exit(f"an undisturbed training ended with {codes}: see {folder}/log")
    print(f"undisturbed: {duration:.1f} s, of which {start_up:.1f} s until the ranks have met", flush=True)
    failures = late = 0
    for number in range(arguments.moments):
        after = duration * (number + 0.5) / arguments.moments
        wrong, happened = moment(arguments, number, after, folder, study, start_up)
        failures += wrong is not None
        late += happened == OVER
        print(f"{number + 1:3} after {after:5.1f} s, rank {number % arguments.ranks}: {wrong or happened}", flush=True)
        shutil.rmtree(folder / f"out-{number}", ignore_errors=True)
    print(f"{arguments.moments - failures - late} of {arguments.moments} moments passed; at {late} the training was over before")
    if failures == 0:
        shutil.rmtree(folder)
    if 2 * late > arguments.moments:
        sys.exit("most trainings were over before anyone was killed: this says nothing")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
