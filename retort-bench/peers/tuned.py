"""What a careful user writes in one file of Python: Retort's precision, channels-last, images in memory, a folded teacher, fused optimisers."""
import torch
from torch.fx.experimental import optimization

from peer import serve


class Tuned:
    """See peer.py."""

    name = 'tuned'

    def __init__(self, data, batch_size, precision):
        self.details = (
            f'{precision}, channels-last, images in memory, augmented by the batch, teacher with its'
            ' normalisation folded and under inference_mode in the loop, fused optimisers')
        self.bf16 = precision == 'bf16'
        self.batch_size = batch_size
        normalized = torch.from_numpy(data.normalized(data.pixels))
        black = torch.from_numpy(-data.mean / data.deviation)
        count, height, width, channels = normalized.shape
        self.padded = black.expand(count, height + 8, width + 8, channels).contiguous()
        self.padded[:, 4:-4, 4:-4] = normalized
        self.labels = torch.from_numpy(data.labels)

    def layout(self, what):
        return what.to(memory_format=torch.channels_last)

    def autocast(self):
        return torch.autocast('cpu', torch.bfloat16, enabled=self.bf16)

    def sgd(self, parameters, settings):
        return torch.optim.SGD(
            parameters, settings['learningRate'], settings['momentum'],
            nesterov=settings['nesterov'], fused=True)

    def adam(self, parameters):
        return torch.optim.Adam(parameters, 1e-3, (0.5, 0.9), fused=True)

    def teacher(self, network):
        """Normalisation that follows a convolution is folded into it."""
        return self.layout(optimization.fuse(network))

    def batches(self, images, seed):
        generator = torch.Generator().manual_seed(seed)
        places = torch.arange(32)
        while True:
            order = torch.randperm(images, generator=generator)
            for first in range(0, images - self.batch_size + 1, self.batch_size):
                chosen = order[first:first + self.batch_size]
                shift = torch.randint(9, (2, self.batch_size, 1), generator=generator)
                mirrored = torch.rand(self.batch_size, 1, generator=generator) < 0.5
                rows = shift[0] + places
                columns = shift[1] + torch.where(mirrored, 31 - places, places)
                # Rows, columns, channels in memory: channels-last for the network.
                views = self.padded[chosen[:, None, None], rows[:, :, None], columns[:, None, :]]
                yield views.permute(0, 3, 1, 2), self.labels[chosen]

    def drain(self, batches):
        """Nothing is prepared ahead."""

    def step(self, training, images, labels):
        teacher = None
        if training.method.reads_teacher():
            with torch.inference_mode(), self.autocast():
                teacher = training.teacher(images)
            teacher = tuple(output.float() for output in teacher)
        with self.autocast():
            student = training.student(images)
        loss = training.method.loss(student, teacher, labels)
        training.optimizer.zero_grad()
        loss.backward()
        training.optimizer.step()
        return loss.item()


if __name__ == '__main__':
    serve(Tuned)
