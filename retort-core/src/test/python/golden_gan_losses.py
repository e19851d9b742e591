"""Makes the golden file of the adversarial losses from their formulas, in float64.

    python3 golden_gan_losses.py

Each case is named after a loss and the side that minimises it; "teacher" and "student" are the discriminator's raw
logits. Probabilities and logarithms are written out row by row, as the papers have them, so that nothing is shared
with the library.
"""

import torch

from golden import case, random_inputs, write


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def probability(logit):
    """D, the probability of being the teacher's."""
    return 1 / (1 + torch.exp(-logit))


def likelihood(teacher, student, real_target):
    """-E [a log D(t) + (1 - a) log(1 - D(t))] - E log(1 - D(s))."""
    real = mean(
        real_target * torch.log(probability(d)) + (1 - real_target) * torch.log(1 - probability(d))
        for d in teacher
    )
    fake = mean(torch.log(1 - probability(d)) for d in student)
    return -real - fake


DISCRIMINATOR = {
    "talk": likelihood,
    "logit": likelihood,
    "non-saturating": likelihood,
    "saturating": likelihood,
    "hinge": lambda teacher, student, real_target: mean(torch.clamp(1 - d, min=0) for d in teacher)
    + mean(torch.clamp(1 + d, min=0) for d in student),
    "least-squares": lambda teacher, student, real_target: mean(
        (d - real_target) ** 2 for d in teacher
    )
    / 2
    + mean(d**2 for d in student) / 2,
    "wasserstein-gp": lambda teacher, student, real_target: mean(student) - mean(teacher),
    "relativistic": lambda teacher, student, real_target: -mean(
        torch.log(probability(t - s)) for t, s in zip(teacher, student)
    ),
}

STUDENT = {
    "talk": lambda student, teacher: -mean(probability(d) for d in student),
    "logit": lambda student, teacher: -mean(student),
    "non-saturating": lambda student, teacher: -mean(torch.log(probability(d)) for d in student),
    "saturating": lambda student, teacher: mean(torch.log(1 - probability(d)) for d in student),
    "hinge": lambda student, teacher: -mean(student),
    "least-squares": lambda student, teacher: mean((d - 1) ** 2 for d in student) / 2,
    "wasserstein-gp": lambda student, teacher: -mean(student),
    "relativistic": lambda student, teacher: -mean(
        torch.log(probability(s - t)) for t, s in zip(teacher, student)
    ),
}

if __name__ == "__main__":
    inputs = {"teacher": random_inputs(1, 2, 6), "student": random_inputs(2, 2, 6)}
    both = ("teacher", "student")
    cases = []
    for name, loss in DISCRIMINATOR.items():
        cases.append(case(name + " discriminator", loss, inputs, both, real_target=1.0))
    for name in ("talk", "least-squares"):
        cases.append(
            case(name + " discriminator smoothed", DISCRIMINATOR[name], inputs, both, real_target=0.9)
        )
    for name, loss in STUDENT.items():
        cases.append(case(name + " student", loss, inputs))
    write("gan-losses", cases)
