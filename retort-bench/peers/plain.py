"""The field's habit: fp32, a DataLoader with workers, the teacher in the loop of every run."""
import contextlib

import numpy
import torch
from torch.utils.data import DataLoader, Dataset, RandomSampler

from peer import serve

WORKERS = 2
PREFETCHED = 2


class Augmented(Dataset):
    """Images shifted by up to four pixels into black and mirrored at random, one at a time."""

    def __init__(self, data, images):
        self.data = data
        self.images = images

    def __len__(self):
        return self.images

    def __getitem__(self, index):
        padded = numpy.pad(self.data.pixels[index], ((4, 4), (4, 4), (0, 0)))
        top, left, mirrored = (torch.randint(n, ()).item() for n in (9, 9, 2))
        view = padded[top:top + 32, left:left + 32]
        if mirrored:
            view = view[:, ::-1]
        normalized = self.data.normalized(view)
        image = torch.from_numpy(numpy.ascontiguousarray(normalized.transpose(2, 0, 1)))
        return image, self.data.labels[index]


class Plain:
    """See peer.py."""

    name = 'plain'
    details = f'fp32, DataLoader with {WORKERS} workers, teacher under no_grad in the loop'

    def __init__(self, data, batch_size, precision):
        self.data = data
        self.batch_size = batch_size

    def layout(self, what):
        return what

    def autocast(self):
        return contextlib.nullcontext()

    def sgd(self, parameters, settings):
        return torch.optim.SGD(
            parameters, settings['learningRate'], settings['momentum'],
            nesterov=settings['nesterov'])

    def adam(self, parameters):
        return torch.optim.Adam(parameters, 1e-3, (0.5, 0.9))

    def teacher(self, network):
        return network

    def batches(self, images, seed):
        generator = torch.Generator().manual_seed(seed)
        dataset = Augmented(self.data, images)
        # One endless epoch: starting workers is not what is measured.
        sampler = RandomSampler(dataset, num_samples=10 ** 7, generator=generator)
        return iter(DataLoader(
            dataset, self.batch_size, sampler=sampler, num_workers=WORKERS,
            prefetch_factor=PREFETCHED, drop_last=True, generator=generator))

    def drain(self, batches):
        """Takes what was prepared while nobody trained: that is no part of a step."""
        for _ in range(WORKERS * PREFETCHED):
            next(batches)

    def step(self, training, images, labels):
        teacher = None
        if training.method.reads_teacher():
            with torch.no_grad():
                teacher = training.teacher(images)
        student = training.student(images)
        loss = training.method.loss(student, teacher, labels)
        training.optimizer.zero_grad()
        loss.backward()
        training.optimizer.step()
        return loss.item()


if __name__ == '__main__':
    serve(Plain)
