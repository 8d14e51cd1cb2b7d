"""Values that follow from a name and a shape alone, as in src/conformance/made-up-weights.ts."""
import numpy as np
import torch


def name_hash(name):
    """32-bit FNV-1a of a name's UTF-8 bytes."""
    value = 0x811C9DC5
    for byte in name.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def uniform(name, shape):
    """Numbers in [-1, 1), float64."""
    index = np.arange(int(np.prod(shape, dtype=np.int64)), dtype=np.uint32)
    value = np.uint32(name_hash(name)) + index * np.uint32(0x9E3779B9)
    value = (value ^ (value >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    value = (value ^ (value >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    value = value ^ (value >> np.uint32(16))
    return ((value >> np.uint32(8)) / 8388608.0 - 1).reshape(shape)


def picture(name, shape):
    """Numbers in [0, 1)."""
    return torch.from_numpy(((uniform(name, shape) + 1) / 2).astype(np.float32))


def fill(module):
    """Sets every parameter of a network, and what its normalisations hold, to its made-up value."""
    statistics = [pair for pair in module.named_buffers() if 'running_' in pair[0]]
    for name, parameter in [*module.named_parameters(), *statistics]:
        shape = tuple(parameter.shape)
        values = uniform(name, shape)
        if name.endswith('.running_var'):
            values = 1 + 0.1 * values
        elif len(shape) >= 2:
            values = values * np.sqrt(1 / np.prod(shape[1:]))
        elif name.rsplit('.', 1)[-1] == 'weight':
            values = 1 + 0.1 * values
        else:
            values = 0.1 * values
        parameter.data.copy_(torch.from_numpy(values.astype(np.float32)))
    return module
