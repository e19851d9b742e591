#!/usr/bin/env python3
"""Chooses the committed splits of CIFAR-10 and writes them as lists of indices.

    python3 scripts/choose_cifar10_splits.py DIR

DIR holds the official binary files. An image of the training set is named by its place in data_batch_1 … data_batch_5
(0 … 49999), one of the test set by its place in test_batch (0 … 9999). The images of each class are put in the order of
SHA-256("retort SEED PURPOSE INDEX"), and the first so many are taken. The order is a function of these four alone: no
generator's version matters, and the same lists come out on every machine. Needs Python's standard library only.

Writes, under retort-core/src/main/resources/dev/retort/data/:
  cifar10-validation.txt       5,000 of the 50,000 (500 a class); the other 45,000 train
and under retort-cifar10/src/main/resources/dev/retort/cifar10/:
  cifar10-mini-train.txt       4,000 of those 45,000
  cifar10-mini-validation.txt  1,000 of those 5,000
  cifar10-mini-test.txt        2,000 of the test set
"""

import hashlib
import pathlib
import sys

SEED = 2021
RECORD = 3073
RECORDS = 10_000
ROOT = pathlib.Path(__file__).parent.parent
WHOLE = ROOT / "retort-core/src/main/resources/dev/retort/data"
MINI = ROOT / "retort-cifar10/src/main/resources/dev/retort/cifar10"


def labels(file):
    records = file.read_bytes()
    if len(records) != RECORD * RECORDS:
        sys.exit(f"{file}: {len(records)} bytes where {RECORD * RECORDS} are due")
    return list(records[::RECORD])


def choose(purpose, candidates, label, count):
    """`count` of the candidates, the same number of each class, in ascending order."""

    def key(index):
        return hashlib.sha256(f"retort {SEED} {purpose} {index}".encode()).digest()

    chosen = []
    for a_class in range(10):
        of_class = sorted((i for i in candidates if label[i] == a_class), key=key)
        chosen += of_class[: count // 10]
    return sorted(chosen)


def write(file, what, indices):
    with open(file, "w", encoding="ascii", newline="\n") as out:
        out.write(f"# {what}\n# Written by scripts/choose_cifar10_splits.py with seed {SEED}.\n")
        for start in range(0, len(indices), 20):
            out.write(" ".join(map(str, indices[start : start + 20])) + "\n")


def main():
    folder = pathlib.Path(sys.argv[1])
    train = [label for batch in range(1, 6) for label in labels(folder / f"data_batch_{batch}.bin")]
    test = labels(folder / "test_batch.bin")

    validation = choose("validation", range(len(train)), train, 5_000)
    held_out = set(validation)
    rest = [i for i in range(len(train)) if i not in held_out]

    write(WHOLE / "cifar10-validation.txt", "CIFAR-10: the 5,000 of the 50,000 training images that validate.", validation)
    write(MINI / "cifar10-mini-train.txt", "cifar10-mini: 4,000 of the 45,000 images that train.",
          choose("mini train", rest, train, 4_000))
    write(MINI / "cifar10-mini-validation.txt", "cifar10-mini: 1,000 of the 5,000 images that validate.",
          choose("mini validation", validation, train, 1_000))
    write(MINI / "cifar10-mini-test.txt", "cifar10-mini: 2,000 of the 10,000 test images.",
          choose("mini test", range(len(test)), test, 2_000))


if __name__ == "__main__":
    main()
