"""How `retort-bench/run Python` talks to a peer: a line of JSON in, a line of JSON out.

A peer is a module's class with these members; its training loop is its own:

    name, versions()
    layout(module_or_tensor)        in the peer's memory format
    autocast()                      the precision of networks; Retort's own is told, bf16 or fp32
    sgd(parameters, settings)       the student's optimiser
    adam(parameters)                a discriminator's
    teacher(network)                images -> (logits, embedding), without gradient
    batches(images, seed)           endless augmented batches of the first so many training images
    step(training, images, labels)  one step of a Training; its loss as a number
"""
import json
import platform
import sys
import time

import numpy
import torch
import torch.nn.functional as functional

from methods import ALL, PAIRED, Method
from networks import create, load, safetensors

BATCH_OF_EVALUATION = 100


class Data:
    """Images of the CIFAR-10 binary format: a label's byte, then 3 x 1024 bytes by channel."""

    def __init__(self, file, mean, deviation):
        records = numpy.fromfile(file, 'uint8').reshape(-1, 1 + 3 * 32 * 32)
        self.labels = records[:, 0].astype('int64')
        pixels = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        self.pixels = numpy.ascontiguousarray(pixels)
        self.mean = numpy.array(mean, 'float32')
        self.deviation = numpy.array(deviation, 'float32')

    def normalized(self, pixels):
        """Rows, columns, channels of bytes as a network reads them."""
        return (pixels.astype('float32') / 255 - self.mean) / self.deviation

    def images(self, samples):
        """Images as they are, [N, 3, 32, 32]; samples: a slice or a list of their places."""
        return torch.from_numpy(self.normalized(self.pixels[samples])).permute(0, 3, 1, 2)

    def plain(self, first, last):
        """The images from first to before last, as they are."""
        return self.images(slice(first, last))


class Training:
    """A student, its teacher, a method and their optimisers, at their beginning."""

    def __init__(self, peer, student, teacher, method, settings, seed):
        torch.manual_seed(seed)
        self.student = peer.layout(create(student)).train()
        self.teacher = teacher
        widths_student = (10, classifier(self.student).in_features)
        widths_teacher = teacher.widths if teacher else widths_student
        self.method = Method(method, widths_teacher, widths_student, peer.adam)
        parameters = [*self.student.parameters(), *self.method.parameters()]
        decay = settings['weightDecay']
        groups = [
            {'params': [p for p in parameters if p.dim() >= 2], 'weight_decay': decay},
            {'params': [p for p in parameters if p.dim() < 2], 'weight_decay': 0}]
        self.optimizer = peer.sgd(groups, settings)


def classifier(network):
    """The last linear layer."""
    return [m for m in network.modules() if isinstance(m, torch.nn.Linear)][-1]


class Teacher:
    """A frozen network as the peer runs it."""

    def __init__(self, peer, name, file):
        network = load(name, file)
        self.widths = (10, classifier(network).in_features)
        self.run = peer.teacher(network)

    def __call__(self, images):
        return self.run(images)


class Bench:
    """Does what it is asked for on one peer's behalf."""

    def __init__(self, peer, setup):
        torch.set_num_threads(setup['threads'])
        self.setup = setup
        self.train = Data(setup['train'], setup['mean'], setup['deviation'])
        self.validation = Data(setup['validation'], setup['mean'], setup['deviation'])
        self.batch_size = setup['batchSize']
        self.peer = peer(self.train, self.batch_size, setup['precision'])
        self.teachers = {
            name: Teacher(self.peer, name, file) for name, file in setup['teachers'].items()}

    def begin(self):
        """What this is."""
        return {'name': self.peer.name, 'python': platform.python_version(),
                'torch': torch.__version__, 'details': self.peer.details}

    def training(self, request):
        """The training that a request is about."""
        teacher = self.teachers[request['teacher']] if request.get('teacher') else None
        return Training(
            self.peer, request['student'], teacher, request['method'], self.setup['optimizer'],
            request['seed'])

    def batches(self, request):
        return self.peer.batches(request['images'], request['seed'])

    def steps(self, request):
        """Times a training's steps with everything in them; one is not counted."""
        training = self.training(request)
        batches = self.batches(request)
        self.peer.drain(batches)
        return timed(request['steps'], lambda: self.peer.step(training, *next(batches)))

    def trajectory(self, request):
        """The loss of each step from given weights, on given images as they are, in fp32."""
        peer = type(self.peer)(self.train, self.batch_size, 'fp32')
        name = request['teacher']
        teacher = Teacher(peer, name, self.setup['teachers'][name])
        settings = {**self.setup['optimizer'], **request['optimizer']}
        training = Training(peer, request['student'], teacher, request['method'], settings, 0)
        training.student.load_state_dict(safetensors(request['weights']))
        losses = []
        for samples in request['order']:
            images = peer.layout(self.train.images(samples).contiguous())
            labels = torch.from_numpy(self.train.labels[samples])
            losses.append(peer.step(training, images, labels))
        return {'losses': losses}

    def tensors(self):
        torch.manual_seed(0)
        images = self.peer.layout(self.train.plain(0, self.batch_size).contiguous())
        return images, torch.from_numpy(self.train.labels[:self.batch_size])

    def student(self, request):
        """Times the same steps on one batch in memory, without a teacher."""
        training = self.training({**request, 'method': 'cross-entropy', 'seed': 0})
        images, labels = self.tensors()
        return timed(request['steps'], lambda: self.peer.step(training, images, labels))

    def bare(self, request):
        """Times PyTorch's loop on the same batch, and nothing else of the peer's."""
        network = self.peer.layout(create(request['student'])).train()
        images, labels = self.tensors()
        optimizer = torch.optim.SGD(network.parameters(), 0.05, 0.9, nesterov=True)

        def step():
            with self.peer.autocast():
                logits, _ = network(images)
            loss = functional.cross_entropy(logits.float(), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

        return timed(request['steps'], step)

    def evaluate(self, request):
        """Times the classification of a batch of images as they are."""
        network = self.peer.layout(create(request['student'])).eval()

        def step():
            images = self.validation.plain(0, BATCH_OF_EVALUATION).contiguous()
            self.classify(network, self.peer.layout(images))

        return timed(request['steps'], step)

    def classify(self, network, images):
        with torch.no_grad(), self.peer.autocast():
            return network(images)[0].argmax(1)

    def logits(self, request):
        """A teacher's logits in plain fp32 of the first images: are the networks the same?"""
        network = load(request['teacher'], self.setup['teachers'][request['teacher']])
        with torch.no_grad():
            return {'logits': network(self.train.plain(0, request['images']))[0].tolist()}

    def losses(self, request):
        """Each method's loss of given logits: are the methods the same?"""
        student, teacher = (torch.tensor(request[of]) for of in ('student', 'teacher'))
        labels = torch.tensor(request['labels'])
        return {'losses': {name: loss(student, teacher, labels).item()
                           for name, loss in PAIRED.items()}}

    def study(self, request):
        """A whole small study: every method from every seed, each evaluated after each epoch."""
        start = time.perf_counter()
        epoch = request['images'] // self.batch_size
        for method in ALL:
            for seed in request['seeds']:
                training = self.training({**request, 'method': method, 'seed': seed})
                batches = self.peer.batches(request['images'], seed)
                for _ in range(request['epochs']):
                    for _ in range(epoch):
                        self.peer.step(training, *next(batches))
                    self.validate(training.student)
        return {'seconds': time.perf_counter() - start}

    def validate(self, student):
        student.eval()
        right = 0
        for first in range(0, len(self.validation.labels), BATCH_OF_EVALUATION):
            last = first + BATCH_OF_EVALUATION
            images = self.peer.layout(self.validation.plain(first, last).contiguous())
            labels = torch.from_numpy(self.validation.labels[first:last])
            right += (self.classify(student, images) == labels).sum().item()
        student.train()
        return right


def timed(steps, step):
    """The mean time of a step in seconds; one before the others is not counted."""
    step()
    start = time.perf_counter()
    for _ in range(steps):
        step()
    return {'seconds': (time.perf_counter() - start) / steps}


def serve(peer):
    """Answers requests until there are no more."""
    answers = sys.stdout
    sys.stdout = sys.stderr
    bench = None
    for line in sys.stdin:
        request = json.loads(line)
        if bench is None:
            bench = Bench(peer, request)
            answer = bench.begin()
        else:
            answer = getattr(bench, request['work'])(request)
        print(json.dumps(answer), file=answers, flush=True)
