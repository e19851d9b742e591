"""What the scripts that make golden files share: the file's form, and inputs that anyone can make again."""

import json
import pathlib

import torch

FOLDER = pathlib.Path(__file__).parent.parent / "resources/dev/retort/distill/golden"


def random_inputs(seed, scale, *shape):
    """Normal numbers in float64 from a generator of their own, rounded so that the file stays small."""
    generator = torch.Generator().manual_seed(seed)
    return (torch.randn(*shape, generator=generator, dtype=torch.float64) * scale).round(decimals=4)


def case(name, loss, inputs, gradients=("student",), **options):
    """Evaluates loss(**inputs, **options), a float64 scalar, and its derivative by each input named in gradients."""
    inputs = {
        key: value.detach().clone().requires_grad_(key in gradients)
        for key, value in inputs.items()
    }
    value = loss(**inputs, **options)
    assert value.dtype == torch.float64 and value.dim() == 0
    derivatives = torch.autograd.grad(value, [inputs[key] for key in gradients], allow_unused=True)
    return {
        "name": name,
        "options": options,
        "inputs": {key: _values(value) for key, value in inputs.items()},
        "loss": value.item(),
        "gradients": {
            key: _values(torch.zeros_like(inputs[key]) if d is None else d)
            for key, d in zip(gradients, derivatives)
        },
    }


def write(name, cases):
    """Writes golden/NAME.json."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.json").write_text(
        "[\n" + ",\n".join(json.dumps(each) for each in cases) + "\n]\n"
    )


def _values(tensor):
    numbers = "values" if tensor.is_floating_point() else "integers"
    return {"shape": list(tensor.shape), numbers: tensor.detach().flatten().tolist()}
