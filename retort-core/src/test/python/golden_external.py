"""Writes small classifiers as PyTorch exports them, and what PyTorch says of some images.

Run from retort-core with PyTorch and onnx installed: python3 src/test/python/golden_external.py
"""

import io
import json
import pathlib
import zipfile

import torch
import torch.nn.functional as F

OUT = pathlib.Path("src/test/resources/dev/retort/teacher/external")
MEAN = [0.485, 0.456, 0.406]
STD = [0.229, 0.224, 0.225]
SIZE = 24


class Features(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.conv2 = torch.nn.Conv2d(8, 12, 3, stride=2, padding=1)
        self.fc = torch.nn.Linear(12, 5)

    def forward(self, x):
        map = torch.relu(self.conv2(torch.relu(self.conv1(x))))
        embedding = map.mean((2, 3))
        return self.fc(embedding), embedding, map


class Logits(Features):
    def forward(self, x):
        return super().forward(x)[0]


class Probabilities(Features):
    def forward(self, x):
        return super().forward(x)[0].softmax(1)


class LogProbabilities(Features):
    def forward(self, x):
        return super().forward(x)[0].log_softmax(1)


class Sigmoids(Features):
    def forward(self, x):
        return super().forward(x)[0].sigmoid()


class Dictionary(Features):
    def forward(self, x):
        logits, embedding, map = super().forward(x)
        return {"map": map, "embedding": embedding, "logits": logits}


class FeaturesFirst(Features):
    def forward(self, x):
        logits, embedding, map = super().forward(x)
        return map, embedding, logits


def model(kind):
    torch.manual_seed(3)
    return kind().eval()


def images():
    """Four images of 16x16: byte i of image n is (7919 i + 31 n) mod 251, interleaved channels."""
    i = torch.arange(16 * 16 * 3)
    rows = [(7919 * i + 31 * n) % 251 for n in range(4)]
    return torch.stack(rows).reshape(4, 16, 16, 3).permute(0, 3, 1, 2).float() / 255


def save(module, file):
    """Without the names of the source files on this machine, which a reader does not need."""
    whole = io.BytesIO()
    torch.jit.save(module, whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(file, "w") as new:
        for entry in old.infolist():
            if not entry.filename.endswith(".debug_pkl"):
                new.writestr(entry.filename, old.read(entry))


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    x = F.interpolate(images(), size=SIZE, mode="bilinear", antialias=True)
    x = (x - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)
    with torch.no_grad():
        logits, embedding, map = model(Features)(x)
    names = dict(input_names=["input"], output_names=["scores"])
    free = {"input": {0: "n", 2: "h", 3: "w"}, "scores": {0: "n"}}
    for file, kind, axes in [
        ("free.onnx", Logits, free),
        ("fixed.onnx", Logits, None),
        ("probabilities.onnx", Probabilities, None),
    ]:
        torch.onnx.export(
            model(kind), x[:2], OUT / file, dynamic_axes=axes, dynamo=False, **names
        )
    save(torch.jit.trace(model(Features), x), OUT / "tuple.pt")
    save(torch.jit.trace(model(Dictionary), x, strict=False), OUT / "dictionary.pt")
    save(torch.jit.trace(model(FeaturesFirst), x), OUT / "features-first.pt")
    save(torch.jit.trace(model(Features).half(), x.half()), OUT / "half.pt")
    save(torch.jit.trace(model(Probabilities), x), OUT / "probabilities.pt")
    save(torch.jit.trace(model(LogProbabilities), x), OUT / "log-probabilities.pt")
    save(torch.jit.trace(model(Sigmoids), x), OUT / "sigmoids.pt")
    golden = {"logits": logits.flatten().tolist(), "embedding": embedding.flatten().tolist()}
    (OUT / "golden.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
