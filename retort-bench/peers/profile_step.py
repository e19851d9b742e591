"""Where the time of the tuned peer's step goes: resnet20's training step and resnet56's forward pass.

    python3 retort-bench/peers/profile_step.py [STEPS]

prints a table: milliseconds a step and shares by kind of operation, forward and backward together.
"""
import sys
import time

import torch
import torch.nn.functional as functional
from torch.profiler import ProfilerActivity, profile

from networks import create

BATCH, THREADS = 128, 2
# An operation's name contains one of these; the first that fits counts.
KINDS = {
    'convolution': ('convolution',),
    'batch normalisation': ('batch_norm',),
    'ReLU': ('threshold_backward', 'relu', 'clamp_min'),
    'addition': ('aten::add',),
    'copies and casts': ('aten::copy_', 'aten::fill_', 'aten::zero_'),
}


def kind_of(name):
    """The kind of an operation, by its name."""
    return next((kind for kind, parts in KINDS.items() if any(p in name for p in parts)), 'all else')


def student_step():
    """The tuned peer's step of cross-entropy on a batch in memory."""
    network = create('resnet20').to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.SGD(network.parameters(), 0.05, 0.9, nesterov=True, fused=True)
    images = torch.randn(BATCH, 3, 32, 32).to(memory_format=torch.channels_last)
    labels = torch.randint(10, (BATCH,))

    def step():
        with torch.autocast('cpu', torch.bfloat16):
            logits, _ = network(images)
        loss = functional.cross_entropy(logits.float(), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def teacher_pass():
    """resnet56 on the same batch, its normalisation not folded."""
    network = create('resnet56').to(memory_format=torch.channels_last).eval()
    images = torch.randn(BATCH, 3, 32, 32).to(memory_format=torch.channels_last)

    def step():
        with torch.inference_mode(), torch.autocast('cpu', torch.bfloat16):
            network(images)

    return step


def shares(step, steps):
    """Milliseconds a step in all, without the profiler, and by kind as the profiler divides them."""
    for _ in range(3):
        step()
    start = time.perf_counter()
    for _ in range(steps):
        step()
    total = (time.perf_counter() - start) / steps * 1e3
    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        for _ in range(steps):
            step()
    times = dict.fromkeys([*KINDS, 'all else'], 0.0)
    for event in profiler.key_averages():
        times[kind_of(event.key)] += event.self_cpu_time_total
    whole = sum(times.values())
    return total, {kind: spent / whole for kind, spent in times.items()}


def main():
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    columns = {'resnet20, training step': student_step(), 'resnet56, forward': teacher_pass()}
    results = {name: shares(step, steps) for name, step in columns.items()}
    print(f'PyTorch {torch.__version__}, bf16, channels-last, batches of {BATCH}, {THREADS} threads')
    print()
    print('| | ' + ' | '.join(f'{name}, ms' for name in results) + ' |')
    print('|---' * (1 + len(results)) + '|')
    print('| all | ' + ' | '.join(f'{total:.1f}' for total, _ in results.values()) + ' |')
    for kind in [*KINDS, 'all else']:
        cells = (f'{total * part[kind]:.1f} ({100 * part[kind]:.0f} %)'
                 for total, part in results.values())
        print(f'| {kind} | ' + ' | '.join(cells) + ' |')


if __name__ == '__main__':
    main()
