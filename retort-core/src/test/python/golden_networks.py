"""Writes resources/dev/retort/network/golden/networks.json: what the zoo's networks compute, by plain PyTorch.

Every network is written here a second time, from the papers and the peers' descriptions, as PyTorch modules whose
state-dict names are those of published checkpoints. Weights and images come from a formula (see fill), so that the
Java test makes the same ones. All in float64.
"""

import json
import math
import pathlib

import torch
from torch import nn
from torch.nn import functional as F

FILE = pathlib.Path(__file__).parent.parent / "resources/dev/retort/network/golden/networks.json"


def conv(i, o, kernel, stride=1, groups=1, bias=False):
    return nn.Conv2d(i, o, kernel, stride, kernel // 2, groups=groups, bias=bias)


class Basic(nn.Module):
    def __init__(self, i, width, stride, expansion=1):
        super().__init__()
        self.conv1, self.bn1 = conv(i, width, 3, stride), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = conv(width, width, 3), nn.BatchNorm2d(width)
        if stride != 1 or i != width:
            self.downsample = nn.Sequential(conv(i, width, 1, stride), nn.BatchNorm2d(width))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + (self.downsample(x) if hasattr(self, "downsample") else x))


class Bottleneck(nn.Module):
    def __init__(self, i, width, stride, expansion=4):
        super().__init__()
        self.conv1, self.bn1 = conv(i, width, 1), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = conv(width, width, 3, stride), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = conv(width, 4 * width, 1), nn.BatchNorm2d(4 * width)
        if stride != 1 or i != 4 * width:
            self.downsample = nn.Sequential(conv(i, 4 * width, 1, stride), nn.BatchNorm2d(4 * width))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return F.relu(y + (self.downsample(x) if hasattr(self, "downsample") else x))


class ResNet(nn.Module):
    def __init__(self, block, expansion, stem, widths, blocks, imagenet, classes):
        super().__init__()
        self.imagenet = imagenet
        self.conv1 = conv(3, stem, 7, 2) if imagenet else conv(3, stem, 3)
        self.bn1 = nn.BatchNorm2d(stem)
        i = stem
        for stage, (width, n) in enumerate(zip(widths, blocks)):
            members = []
            for b in range(n):
                members.append(block(i, width, 2 if stage > 0 and b == 0 else 1))
                i = width * expansion
            setattr(self, f"layer{stage + 1}", nn.Sequential(*members))
        self.stages = len(widths)
        self.fc = nn.Linear(i, classes)

    def forward(self, x):
        taps = {}
        x = F.relu(self.bn1(self.conv1(x)))
        if self.imagenet:
            x = F.max_pool2d(x, 3, 2, 1)
        for stage in range(1, self.stages + 1):
            x = taps[f"stage:{stage}"] = getattr(self, f"layer{stage}")(x)
        x = taps["embedding"] = x.mean((2, 3))
        return self.fc(x), taps


def cifar_resnet(depth, stem, *widths):
    return lambda classes: ResNet(Basic, 1, stem, widths, [(depth - 2) // 6] * 3, False, classes)


class WideBlock(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(i), conv(i, o, 3, stride)
        self.bn2, self.conv2 = nn.BatchNorm2d(o), conv(o, o, 3)
        self.convShortcut = None if i == o else conv(i, o, 1, stride)

    def forward(self, x):
        activated = F.relu(self.bn1(x))
        y = self.conv2(F.relu(self.bn2(self.conv1(activated))))
        return y + (x if self.convShortcut is None else self.convShortcut(activated))


class WideGroup(nn.Module):
    def __init__(self, i, o, n, stride):
        super().__init__()
        self.layer = nn.Sequential(
            *(WideBlock(i if b == 0 else o, o, stride if b == 0 else 1) for b in range(n))
        )

    def forward(self, x):
        return self.layer(x)


class WideResNet(nn.Module):
    def __init__(self, depth, factor, classes):
        super().__init__()
        n = (depth - 4) // 6
        self.conv1 = conv(3, 16, 3)
        self.block1 = WideGroup(16, 16 * factor, n, 1)
        self.block2 = WideGroup(16 * factor, 32 * factor, n, 2)
        self.block3 = WideGroup(32 * factor, 64 * factor, n, 2)
        self.bn1 = nn.BatchNorm2d(64 * factor)
        self.fc = nn.Linear(64 * factor, classes)

    def forward(self, x):
        taps = {}
        x = taps["stage:1"] = self.block1(self.conv1(x))
        x = taps["stage:2"] = self.block2(x)
        x = taps["stage:3"] = F.relu(self.bn1(self.block3(x)))
        x = taps["embedding"] = x.mean((2, 3))
        return self.fc(x), taps


class Vgg(nn.Module):
    def __init__(self, convolutions, classes):
        super().__init__()
        i = 3
        for block, (width, n) in enumerate(zip((64, 128, 256, 512, 512), convolutions)):
            layers = []
            for _ in range(n):
                layers += [conv(i, width, 3, bias=True), nn.BatchNorm2d(width), nn.ReLU()]
                i = width
            setattr(self, f"block{block}", nn.Sequential(*layers[:-1]))
        self.classifier = nn.Linear(512, classes)

    def forward(self, x):
        taps = {}
        for block in range(5):
            x = taps[f"stage:{block + 1}"] = F.relu(getattr(self, f"block{block}")(x))
            if block < 3:
                x = F.max_pool2d(x, 2)
        x = taps["embedding"] = x.mean((2, 3))
        return self.classifier(x), taps


def shuffle(x, groups):
    n, c, h, w = x.shape
    return x.view(n, groups, c // groups, h, w).permute(0, 2, 1, 3, 4).reshape(n, c, h, w)


class ShuffleUnit1(nn.Module):
    def __init__(self, i, width, halve):
        super().__init__()
        o = width - i if halve else width
        self.halve, self.groups = halve, 1 if i == 24 else 3
        self.conv1, self.bn1 = conv(i, o // 4, 1, groups=self.groups), nn.BatchNorm2d(o // 4)
        self.conv2 = conv(o // 4, o // 4, 3, 2 if halve else 1, groups=o // 4)
        self.bn2 = nn.BatchNorm2d(o // 4)
        self.conv3, self.bn3 = conv(o // 4, o, 1, groups=3), nn.BatchNorm2d(o)

    def forward(self, x):
        y = shuffle(F.relu(self.bn1(self.conv1(x))), self.groups)
        y = self.bn3(self.conv3(F.relu(self.bn2(self.conv2(y)))))
        if self.halve:
            return F.relu(torch.cat([y, F.avg_pool2d(x, 3, 2, 1)], 1))
        return F.relu(y + x)


class ShuffleDown2(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        half = o // 2
        self.conv1, self.bn1 = conv(i, i, 3, 2, groups=i), nn.BatchNorm2d(i)
        self.conv2, self.bn2 = conv(i, half, 1), nn.BatchNorm2d(half)
        self.conv3, self.bn3 = conv(i, half, 1), nn.BatchNorm2d(half)
        self.conv4, self.bn4 = conv(half, half, 3, 2, groups=half), nn.BatchNorm2d(half)
        self.conv5, self.bn5 = conv(half, half, 1), nn.BatchNorm2d(half)

    def forward(self, x):
        a = F.relu(self.bn2(self.conv2(self.bn1(self.conv1(x)))))
        b = F.relu(self.bn3(self.conv3(x)))
        b = F.relu(self.bn5(self.conv5(self.bn4(self.conv4(b)))))
        return shuffle(torch.cat([a, b], 1), 2)


class ShuffleUnit2(nn.Module):
    def __init__(self, width):
        super().__init__()
        half = width // 2
        self.conv1, self.bn1 = conv(half, half, 1), nn.BatchNorm2d(half)
        self.conv2, self.bn2 = conv(half, half, 3, groups=half), nn.BatchNorm2d(half)
        self.conv3, self.bn3 = conv(half, half, 1), nn.BatchNorm2d(half)

    def forward(self, x):
        a, b = x.chunk(2, 1)
        b = F.relu(self.bn1(self.conv1(b)))
        b = F.relu(self.bn3(self.conv3(self.bn2(self.conv2(b)))))
        return shuffle(torch.cat([a, b], 1), 2)


class ShuffleNet(nn.Module):
    def __init__(self, version, classes):
        super().__init__()
        self.conv1, self.bn1 = conv(3, 24, 1), nn.BatchNorm2d(24)
        i = 24
        widths = (240, 480, 960) if version == 1 else (116, 232, 464)
        for stage, (width, n) in enumerate(zip(widths, (4, 8, 4))):
            if version == 1:
                units = [ShuffleUnit1(i if u == 0 else width, width, u == 0) for u in range(n)]
            else:
                units = [ShuffleDown2(i, width)] + [ShuffleUnit2(width) for _ in range(n - 1)]
            setattr(self, f"layer{stage + 1}", nn.Sequential(*units))
            i = width
        if version == 2:
            self.conv2, self.bn2 = conv(i, 1024, 1), nn.BatchNorm2d(1024)
        self.linear = nn.Linear(960 if version == 1 else 1024, classes)

    def forward(self, x):
        taps = {}
        x = F.relu(self.bn1(self.conv1(x)))
        for stage in (1, 2, 3):
            x = taps[f"stage:{stage}"] = getattr(self, f"layer{stage}")(x)
        if hasattr(self, "conv2"):
            x = F.relu(self.bn2(self.conv2(x)))
        x = taps["embedding"] = x.mean((2, 3))
        return self.linear(x), taps


class Inverted(nn.Module):
    def __init__(self, layers, adds):
        super().__init__()
        self.conv, self.adds = nn.Sequential(*layers), adds

    def forward(self, x):
        return x + self.conv(x) if self.adds else self.conv(x)


def normalized(i, o, kernel, stride, groups, activation):
    return [conv(i, o, kernel, stride, groups), nn.BatchNorm2d(o), activation()]


SETTING = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]


class CifarMobileNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv1 = nn.Sequential(*normalized(3, 16, 3, 2, 1, nn.ReLU))
        self.blocks = nn.ModuleList()
        i = 16
        for group, (t, c, n, s) in enumerate(SETTING):
            blocks = []
            for b in range(n):
                stride, o = (s if b == 0 and group != 1 else 1), c // 2
                layers = normalized(i, i * t, 1, 1, 1, nn.ReLU)
                layers += normalized(i * t, i * t, 3, stride, i * t, nn.ReLU)
                layers += [conv(i * t, o, 1), nn.BatchNorm2d(o)]
                blocks.append(Inverted(layers, stride == 1 and i == o))
                i = o
            self.blocks.append(nn.Sequential(*blocks))
        self.conv2 = nn.Sequential(*normalized(i, 1280, 1, 1, 1, nn.ReLU))
        self.classifier = nn.Sequential(nn.Linear(1280, classes))

    def forward(self, x):
        taps = {}
        x = self.conv1(x)
        for group, blocks in enumerate(self.blocks):
            x = blocks(x)
            if group in (1, 2, 4, 6):
                taps[f"stage:{len(taps) + 1}"] = x
        x = taps["embedding"] = self.conv2(x).mean((2, 3))
        return self.classifier(x), taps


class TorchvisionMobileNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        features = [nn.Sequential(*normalized(3, 32, 3, 2, 1, nn.ReLU6))]
        self.ends = []
        i = 32
        for group, (t, c, n, s) in enumerate(SETTING):
            for b in range(n):
                stride = s if b == 0 else 1
                layers = [nn.Sequential(*normalized(i, i * t, 1, 1, 1, nn.ReLU6))] if t > 1 else []
                layers.append(nn.Sequential(*normalized(i * t, i * t, 3, stride, i * t, nn.ReLU6)))
                layers += [conv(i * t, c, 1), nn.BatchNorm2d(c)]
                features.append(Inverted(layers, stride == 1 and i == c))
                i = c
            if group in (1, 2, 4, 6):
                self.ends.append(len(features) - 1)
        features.append(nn.Sequential(*normalized(i, 1280, 1, 1, 1, nn.ReLU6)))
        self.features = nn.Sequential(*features)
        self.classifier = nn.Sequential(nn.Identity(), nn.Linear(1280, classes))

    def forward(self, x):
        taps = {}
        for index, feature in enumerate(self.features):
            x = feature(x)
            if index in self.ends:
                taps[f"stage:{len(taps) + 1}"] = x
        x = taps["embedding"] = x.mean((2, 3))
        return self.classifier(x), taps


NETWORKS = {
    "resnet20": cifar_resnet(20, 16, 16, 32, 64),
    "resnet8x4": cifar_resnet(8, 32, 64, 128, 256),
    "wrn_16_1": lambda classes: WideResNet(16, 1, classes),
    "wrn_40_2": lambda classes: WideResNet(40, 2, classes),
    "vgg8": lambda classes: Vgg((1, 1, 1, 1, 1), classes),
    "vgg13": lambda classes: Vgg((2, 2, 2, 2, 2), classes),
    "shufflev1": lambda classes: ShuffleNet(1, classes),
    "shufflev2": lambda classes: ShuffleNet(2, classes),
    "mobilenetv2": CifarMobileNet,
    "torchvision-resnet18": lambda c: ResNet(Basic, 1, 64, (64, 128, 256, 512), (2, 2, 2, 2), True, c),
    "torchvision-resnet50": lambda c: ResNet(Bottleneck, 4, 64, (64, 128, 256, 512), (3, 4, 6, 3), True, c),
    "torchvision-mobilenet_v2": TorchvisionMobileNet,
}
CLASSES = 5


def noise(shape, key):
    """Numbers in [-1, 1) that look random, and that any language makes exactly: 7 i^2 + 13 i + 9973 key modulo a prime."""
    i = torch.arange(math.prod(shape), dtype=torch.int64)
    return (((7 * i + 13) * i + 9973 * key) % 1000003).double().reshape(shape) / 500001.5 - 1


def fill(model):
    """Sets the k-th floating tensor in order of names to noise with key k, scaled by what it is for."""
    state = model.state_dict()
    floating = sorted(name for name, tensor in state.items() if tensor.is_floating_point())
    for k, name in enumerate(floating):
        shape = state[name].shape
        values = noise(shape, k)
        if len(shape) > 1:
            values = values * 2.4 / math.sqrt(math.prod(shape[1:]))
        elif name.endswith("running_var"):
            values = 1 + 0.5 * values
        elif name.endswith("weight"):
            values = 1 + 0.2 * values
        else:
            values = 0.1 * values
        state[name].copy_(values)


def checksum(tensor):
    """One number that depends on every element and its place."""
    return (tensor * noise(tensor.shape, -1)).mean().item()


def outputs(model, images):
    logits, taps = model(images)
    return {
        "logits": logits.flatten().tolist(),
        "checksums": {name: checksum(tap) for name, tap in taps.items()},
    }


def main():
    torch.set_grad_enabled(False)
    cases = {}
    for name, make in NETWORKS.items():
        model = make(CLASSES).double()
        fill(model)
        size = (40, 36) if name.startswith("torchvision") else (32, 32)
        images = noise((2, 3) + size, 1000)
        state = {key: list(value.shape) for key, value in model.state_dict().items()}
        case = {"size": size, "state": state, "evaluating": outputs(model.eval(), images)}
        case["training"] = outputs(model.train(), images)
        means = [value.sum().item() for key, value in model.state_dict().items() if key.endswith("running_mean")]
        variances = [value.sum().item() for key, value in model.state_dict().items() if key.endswith("running_var")]
        case["runningMeans"], case["runningVariances"] = sum(means), sum(variances)
        cases[name] = case
    FILE.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(case)}" for name, case in cases.items())
    FILE.write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
