"""The networks that are compared, with the names and the layers that Retort gives them."""
import json

import numpy
import torch
import torch.nn.functional as functional
from torch import nn


class Block(nn.Module):
    """Two normalised 3x3 convolutions and a shortcut (He et al. 2016)."""

    def __init__(self, channels_in, channels_out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels_out)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels_out)
        self.downsample = None
        if stride != 1 or channels_in != channels_out:
            projection = nn.Conv2d(channels_in, channels_out, 1, stride, bias=False)
            self.downsample = nn.Sequential(projection, nn.BatchNorm2d(channels_out))

    def forward(self, x):
        y = functional.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return functional.relu(y + (x if self.downsample is None else self.downsample(x)))


class CifarResNet(nn.Module):
    """The residual network of depth 6n + 2 with stages of 16, 32 and 64 channels."""

    def __init__(self, depth, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        channels = 16
        for stage, width in enumerate((16, 32, 64), 1):
            blocks = []
            for block in range((depth - 2) // 6):
                blocks.append(Block(channels, width, 2 if stage > 1 and block == 0 else 1))
                channels = width
            setattr(self, f'layer{stage}', nn.Sequential(*blocks))
        self.fc = nn.Linear(64, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode='fan_out', nonlinearity='relu')

    def forward(self, x):
        """Logits and embedding."""
        x = functional.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        embedding = x.mean((2, 3))
        return self.fc(embedding), embedding


class Group(nn.Module):
    """Convolution, pooling, normalisation, GELU, convolution, normalisation, GELU."""

    def __init__(self, channels_in, channels_out):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels_out, momentum=0.4)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels_out, momentum=0.4)

    def forward(self, x):
        x = functional.max_pool2d(self.conv1(x), 2)
        x = functional.gelu(self.bn1(x))
        return functional.gelu(self.bn2(self.conv2(x)))


class AirNet(nn.Module):
    """airbench's network (Jordan 2024): whitening, three groups, a maximum, a scaled classifier."""

    def __init__(self, widths, classes=10):
        super().__init__()
        self.whitening = nn.Conv2d(3, 24, 2)
        groups = []
        channels = 24
        for width in widths:
            groups.append(Group(channels, width))
            channels = width
        self.groups = nn.Sequential(*groups)
        self.head = nn.Linear(channels, classes, bias=False)

    def forward(self, x):
        """Logits and embedding."""
        x = self.groups(functional.gelu(self.whitening(x)))
        embedding = functional.max_pool2d(x, x.shape[2:]).flatten(1)
        return self.head(embedding) / 9, embedding


def create(name):
    """A network by Retort's name, with initial weights."""
    if name == 'airnet94':
        return AirNet((64, 256, 256))
    if name == 'airnet95':
        return AirNet((128, 384, 384))
    if name.startswith('resnet') and name[6:].isdigit():
        return CifarResNet(int(name[6:]))
    raise ValueError(f'no network is named {name}')


def load(name, file):
    """A network with the weights of one of Retort's model files, in evaluation mode."""
    network = create(name)
    network.load_state_dict(safetensors(file))
    return network.eval()


def safetensors(file):
    """The tensors of a safetensors file by name."""
    types = {'F64': 'float64', 'F32': 'float32', 'F16': 'float16', 'I64': 'int64'}
    with open(file, 'rb') as opened:
        size = int.from_bytes(opened.read(8), 'little')
        header = json.loads(opened.read(size))
        data = opened.read()
    tensors = {}
    for name, entry in header.items():
        if name != '__metadata__':
            first, last = entry['data_offsets']
            values = numpy.frombuffer(data[first:last], types[entry['dtype']])
            tensors[name] = torch.from_numpy(values.reshape(entry['shape']).copy())
    return tensors
