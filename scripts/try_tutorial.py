#!/usr/bin/env python3
"""Runs a tutorial in a folder of its own, and compares the output that it shows with what is printed.

    python3 scripts/try_tutorial.py docs/tutorials/pytorch.md [FOLDER]

A block that begins with ```LANGUAGE FILE is written to that file. In a ```console block a line that begins with "$ " is a
command, and the lines below it are what it prints: all of them must come, in their order, whatever the numbers in them
are; an ellipsis stands for anything, and other lines may come between. The first command that fails, or prints
otherwise, ends the trial with exit code 1.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
NUMBER = r"[-−+]?\d[\d.,:]*(?:e[-+]?\d+)?"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.M | re.S)


def pattern(line):
    """What a printed line may look like: other numbers, and anything in the place of an ellipsis."""
    expression = ""
    for part in re.split(rf"(…|\s+|{NUMBER})", line.strip()):
        if part == "…":
            expression += ".*"
        elif part.isspace():
            expression += r"\s+"
        elif re.fullmatch(NUMBER, part):
            expression += NUMBER
        else:
            expression += re.escape(part)
    return expression


def commands(block):
    """Pairs of a command, which may go on behind a backslash, and the lines that it prints."""
    found = []
    for line in block.splitlines():
        if found and found[-1][0].endswith("\\"):
            found[-1][0] = found[-1][0][:-1] + line.strip()
        elif line.startswith("$ "):
            found.append([line[2:], []])
        elif line.strip():
            found[-1][1].append(line)
    return found


def run(command, expected, folder):
    print("$ " + command, flush=True)
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    print(done.stdout, flush=True)
    if done.returncode != 0:
        sys.exit(f"{command}: exit code {done.returncode}")
    lines = iter(done.stdout.splitlines())
    for line in expected:
        if not any(re.search(pattern(line), printed) for printed in lines):
            sys.exit(f"{command}: did not print, after the lines before it: {line}")


def main():
    page = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp(prefix="retort-tutorial-"))
    folder.mkdir(exist_ok=True)
    for name in ("retort", "retort-cli", "examples"):
        if not (folder / name).exists():
            os.symlink(ROOT / name, folder / name)
    for language, file, block in BLOCK.findall(page):
        if language == "console":
            for command, expected in commands(block):
                run(command, expected, folder)
        elif file:
            (folder / file).write_text(block, encoding="utf-8")
    print(f"all of {sys.argv[1]} holds, in {folder}")


main()
