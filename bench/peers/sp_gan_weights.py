"""Weights of SP-GAN's networks as safetensors files, under the short names of `sp_gan_model.py`, and networks that have them."""
import json

import numpy as np
import torch

from sp_gan_model import Discriminator, Generator


def read_safetensors(path):
    """Tensors of float32 by name."""
    data = open(path, "rb").read()
    start = 8 + int.from_bytes(data[:8], "little")
    header = {name: entry for name, entry in json.loads(data[8:start]).items() if name != "__metadata__"}
    tensors = {}
    for name, entry in header.items():
        first, end = (start + offset for offset in entry["data_offsets"])
        tensors[name] = torch.from_numpy(np.frombuffer(data[first:end], "<f4").copy()).reshape(entry["shape"])
    return tensors


def write_safetensors(path, tensors):
    """All as float32."""
    parts, header, at = [], {}, 0
    for name, tensor in tensors.items():
        parts.append(tensor.detach().numpy().astype("<f4").tobytes())
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [at, at + len(parts[-1])]}
        at += len(parts[-1])
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + b"".join(parts))


def stored(net):
    """Parameters, then running values, by name."""
    buffers = ((name, value) for name, value in net.named_buffers() if not name.endswith("num_batches_tracked"))
    return {**dict(net.named_parameters()), **dict(buffers)}


def filled(net, values, dtype):
    """The net with these values, every one of which it must have."""
    own = stored(net.to(dtype))
    if own.keys() != values.keys():
        raise ValueError(f"other parameters: {sorted(own.keys() ^ values.keys())}")
    with torch.no_grad():
        for name, value in values.items():
            own[name].copy_(value)
    return net


def generator_of(values, dtype):
    """The generator that these parameters make, its sizes by their shapes."""
    shape = lambda name: values[f"{name}.weight"].shape
    return filled(Generator(
        latent=shape("head1")[1] - 3, neighbours=shape("edge1.out")[3], style=shape("head1")[0],
        edges=(shape("edge1.out")[0], shape("edge2.out")[0]), features=shape("g2")[0], tail=(shape("t1")[0], shape("t2")[0]),
    ), values, dtype)


def discriminator_of(values, dtype):
    """The discriminator that these parameters make."""
    outputs = lambda letter, count: tuple(values[f"{letter}{i}.weight"].shape[0] for i in range(1, count + 1))
    return filled(Discriminator(outputs("c", 4), outputs("m", 3)), values, dtype)
