"""The methods of the compared study: what they add to a student's loss, as Retort's presets have it."""
import torch
import torch.nn.functional as functional
from torch import nn


def divergence(teacher, student):
    """KL between softmaxes of logits: summed over classes, mean over images."""
    return functional.kl_div(
        functional.log_softmax(student, 1), functional.log_softmax(teacher, 1),
        reduction='batchmean', log_target=True)


def hinton(student, teacher, labels):
    """Hinton, Vinyals and Dean 2015: T = 4."""
    soft = 16 * divergence(teacher / 4, student / 4)
    return 0.9 * soft + 0.1 * functional.cross_entropy(student, labels)


def standardized(logits):
    """Every row minus its mean, over its standard deviation."""
    return (logits - logits.mean(1, keepdim=True)) / (logits.std(1, keepdim=True) + 1e-7)


def hinton_standardized(student, teacher, labels):
    """Sun et al. 2024: T = 2."""
    soft = 4 * divergence(standardized(teacher) / 2, standardized(student) / 2)
    return 9 * soft + 0.1 * functional.cross_entropy(student, labels)


def ttm(student, teacher, labels):
    """Zheng and Yang 2024: gamma = 0.1."""
    return 45 * divergence(0.1 * teacher, student) + functional.cross_entropy(student, labels)


def dkd(student, teacher, labels):
    """Zhao et al. 2022: alpha = 1, beta = 2, T = 4, after its warm-up."""
    target = functional.one_hot(labels, student.shape[1]).bool()
    p, q = ((logits / 4).log_softmax(1) for logits in (teacher, student))
    pair_p, pair_q = (
        torch.stack((log[target], log.masked_fill(target, -torch.inf).logsumexp(1)), 1)
        for log in (p, q))
    others_p, others_q = (log[~target].view(len(log), -1).log_softmax(1) for log in (p, q))
    target_class = functional.kl_div(pair_q, pair_p, reduction='batchmean', log_target=True)
    other_classes = functional.kl_div(others_q, others_p, reduction='batchmean', log_target=True)
    soft = 16 * (target_class + 2 * other_classes)
    return soft + functional.cross_entropy(student, labels)


class Discriminator:
    """Tells one representation of the teacher from the student's, and learns by its own optimiser."""

    def __init__(self, width_teacher, width_student, optimizer):
        self.layers = nn.Sequential(
            nn.Linear(width_teacher, 128), nn.LeakyReLU(0.2),
            nn.Linear(128, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1))
        # Where the widths differ, the student's is mapped by a connector that learns with it.
        self.connector = None
        if width_teacher != width_student:
            self.connector = nn.Linear(width_student, width_teacher)
        self.optimizer = optimizer(self.layers.parameters())

    def read(self, student):
        """The student's representation as the discriminator sees it, in fp32."""
        return student.float() if self.connector is None else self.connector(student.float())

    def learn(self, teacher, student):
        """One step of binary cross-entropy on representations without gradient."""
        self.layers.requires_grad_(True)
        both = self.layers(torch.cat((teacher, self.read(student).detach())))
        real, fake = both.chunk(2)
        loss = functional.softplus(-real).mean() + functional.softplus(fake).mean()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()

    def term(self, student, rest):
        """The student's term, a tenth as strong as the rest of the loss where both meet."""
        self.layers.requires_grad_(False)
        term = -self.layers(self.read(student)).sigmoid().mean()
        of_term, = torch.autograd.grad(term, student, retain_graph=True)
        of_rest, = torch.autograd.grad(rest, student, retain_graph=True)
        return 0.1 * of_rest.float().norm() / (of_term.float().norm() + 1e-12) * term


PAIRED = {'hinton': hinton, 'hinton-standardized': hinton_standardized, 'ttm': ttm, 'dkd': dkd}
ADVERSARIAL = 'adversarial-hinton'
ALL = ['cross-entropy', *PAIRED, ADVERSARIAL]


class Method:
    """One method in one training."""

    def __init__(self, name, widths_teacher, widths_student, optimizer):
        """widths: of logits and embedding; optimizer: a discriminator's, of its parameters."""
        if name not in ALL:
            raise ValueError(f'no method is named {name}')
        self.name = name
        self.discriminators = []
        if name == ADVERSARIAL:
            self.discriminators = [
                Discriminator(teacher, student, optimizer)
                for teacher, student in zip(widths_teacher, widths_student)]

    def reads_teacher(self):
        """Whether a step needs the teacher's outputs."""
        return self.name != 'cross-entropy'

    def parameters(self):
        """What learns with the student beside it."""
        return [p for d in self.discriminators if d.connector is not None
                for p in d.connector.parameters()]

    def loss(self, student, teacher, labels):
        """The student's loss, after the discriminators' own step; (logits, embedding) twice.

        The student's may be in bf16; all that is computed of them is in fp32.
        """
        logits = student[0].float()
        if not self.reads_teacher():
            return functional.cross_entropy(logits, labels)
        for discriminator, t, s in zip(self.discriminators, teacher, student):
            discriminator.learn(t, s)
        paired = PAIRED.get(self.name, hinton)
        loss = rest = paired(logits, teacher[0], labels)
        for discriminator, s in zip(self.discriminators, student):
            loss = loss + discriminator.term(s, rest)
        return loss
