#!/usr/bin/env python3
"""The mean difference of the test accuracies of two studies, second minus first, paired by student, method and seed.

    python3 scripts/paired_difference.py FIRST SECOND [--level 0.9] [--methods OF_FIRST OF_SECOND] [--students OF_FIRST OF_SECOND] [--validation] [--less FIRST SECOND]

With --validation the accuracies are those on the validation images. With --less the same difference of two other studies is taken from it, seed by seed: how a lead changes from one setting to another.

FIRST and SECOND are folders that `retort compare` wrote, or one such folder twice, of which two methods or two students are compared. The interval is Student's, with n - 1 degrees of freedom; p is that of the paired t test, two-sided and not adjusted. Pairs whose runs ended on two kinds of processor share less than the others; their number is printed, and how many registered runs of either side diverged.
"""
import argparse
import json
import math
import pathlib
import statistics
import sys


def probability(t, degrees):
    """That Student's t is at most t, in closed form (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4).

    >>> round(probability(1.894579, 7), 6), round(probability(6.313752, 1), 6), round(probability(2.131847, 4), 6)
    (0.95, 0.95, 0.95)
    """
    angle = math.atan2(t, math.sqrt(degrees))
    cosine = math.cos(angle)
    term, total = (cosine, cosine) if degrees % 2 else (1.0, 1.0)
    for i in range(3 if degrees % 2 else 2, degrees - 1, 2):
        term *= cosine * cosine * (i - 1) / i
        total += term
    if degrees % 2:
        inside = 2 / math.pi * (angle + math.sin(angle) * (total if degrees > 1 else 0))
    else:
        inside = math.sin(angle) * total
    return (1 + inside) / 2


def quantile(share, degrees):
    """The t that Student's is at most with that probability, which is above a half.

    >>> round(quantile(0.95, 7), 6), round(quantile(0.975, 2), 6)
    (1.894579, 4.302653)
    """
    low, high = 0.0, 1e6
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if probability(middle, degrees) < share else (low, middle)
    return low


def accuracies(folder, method, student, names, key):
    """Accuracies by student, method and registered seed; of one method or one student only, under another name, if given."""
    summary = json.loads((pathlib.Path(folder) / 'summary.json').read_text())
    return {(names['student'] or row['student'], names['method'] or row['name'], seed): accuracy
            for row in summary['methods']
            if method in (None, row['name']) and student in (None, row['student']) and row[key] is not None
            for seed, accuracy in zip(row['seeds'], row[key]) if seed not in row.get('exploratory', [])}


def diverged(folder, method, student, names):
    """Of how many registered seeds of the same a run diverged, by student and method."""
    summary = json.loads((pathlib.Path(folder) / 'summary.json').read_text())
    return {(names['student'] or row['student'], names['method'] or row['name']): row.get('diverged', 0)
            for row in summary['methods'] if method in (None, row['name']) and student in (None, row['student'])}


def processors(folder, method, student, names):
    """What each run of the same ended on, where that is on record."""
    found = {}
    for file in pathlib.Path(folder).glob('runs/*/result.json'):
        run = json.loads(file.read_text())
        if (pathlib.Path(folder) / (run.get('environment') or '')).is_file() and method in (None, run['method']) and student in (None, run['student']):
            machine = json.loads((pathlib.Path(folder) / run['environment']).read_text())
            found[names['student'] or run['student'], names['method'] or run['method'], run['seed']] = tuple(
                str(machine.get(key)) for key in ('processor', 'features', 'vectorInstructions', 'device', 'ranks'))
    return found


# In points: equal differences of accuracies leave this much in rounding.
NO_SPREAD = 1e-10


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('first')
    parser.add_argument('second')
    parser.add_argument('--level', type=float, default=0.9)
    parser.add_argument('--methods', nargs=2, default=[None, None], metavar=('OF_FIRST', 'OF_SECOND'))
    parser.add_argument('--students', nargs=2, default=[None, None], metavar=('OF_FIRST', 'OF_SECOND'))
    parser.add_argument('--validation', action='store_true')
    parser.add_argument('--less', nargs=2, metavar=('FIRST', 'SECOND'))
    given = parser.parse_args()
    if not 0 < given.level < 1:
        parser.error('--level is a share such as 0.95')
    key = 'validationAccuracy' if given.validation else 'testAccuracy'
    names = {'method': given.methods[0] and ' to '.join(given.methods),
             'student': given.students[0] and ' to '.join(given.students)}
    folders = [given.first, given.second, *(given.less or ())]
    sides = list(zip(folders, 2 * given.methods, 2 * given.students))
    values = [accuracies(*side, names, key) for side in sides]
    machines = [processors(*side, names) for side in sides]
    lost = [diverged(*side, names) for side in sides]
    common = set.intersection(*(set(of) for of in values))
    if not common:
        sys.exit(f'no student, method and seed whose {key} all have')
    for student, method in sorted({run[:2] for run in common}):
        seeds = sorted(run[2] for run in common if run[:2] == (student, method))
        without = [of.get((student, method), 0) for of in lost]
        note = f'; diverged: {" and ".join(map(str, without))} registered runs' if any(without) else ''
        if len(seeds) < 2:
            print(f'{student} {method}: an interval needs two seeds that all studies have{note}')
            continue
        differences = [100 * sum(sign * of[student, method, seed] for sign, of in zip((-1, 1, 1, -1), values)) for seed in seeds]
        mean = statistics.mean(differences)
        error = statistics.stdev(differences) / math.sqrt(len(seeds))
        if error < NO_SPREAD:
            print(f'{student} {method}: {mean:+.3f} points, interval and p undefined: the {len(seeds)} differences are equal{note}')
            continue
        half = quantile((1 + given.level) / 2, len(seeds) - 1) * error
        p = 2 * (1 - probability(abs(mean) / error, len(seeds) - 1))
        probable = '< 0.0001' if p < 0.00005 else f'{p:.4f}'
        pairs = [[of.get((student, method, seed)) for of in machines] for seed in seeds]
        known = [pair for pair in pairs if None not in pair]
        apart = sum(len(set(pair)) > 1 for pair in known)
        print(f'{student} {method}: {mean:+.3f} points, {100 * given.level:g} % interval'
              f' {mean - half:+.3f} to {mean + half:+.3f}, p {probable}, {len(seeds)} seeds'
              + note
              + (f'; {apart} of {len(known)} pairs on two kinds of processor' if apart else '')
              + (f'; of {len(pairs) - len(known)} pairs the processors are not on record' if len(known) < len(pairs) else ''))


if __name__ == '__main__':
    main()
