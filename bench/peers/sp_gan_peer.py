"""SP-GAN as tasks of `peer.py`: `networks` writes weights to start from, `training` and `inversion` go one step on at each call.

`networks`: "folder" to write generator.safetensors and discriminator.safetensors to, "widths" paper or small.
`training`: "folder", "clouds" B, "real" a file of B * N rows of 3, "latents" one of 2 B rows of "columns", the discriminator's B first.
`inversion`: "folder", "scan" a file of T rows of 3, "latents" one of N rows of "columns".
The last two take "select" 1 for the kinder search of neighbours. Files of rows are float32.
"""
import torch

from sp_gan_model import PAPER, SMALL, Discriminator, Generator, Inversion, Training, fibonacci_ball
from sp_gan_weights import discriminator_of, generator_of, read_safetensors, stored, write_safetensors


def work(request, once, rows):
    """What is to be timed: a function that gives one number of the result."""
    if request["task"] == "networks":
        return lambda: make_networks(request["folder"], SMALL if request["widths"] == "small" else PAPER)
    latents = torch.from_numpy(rows(request["latents"], request["columns"]))
    if request["task"] == "training":
        return training(request, once, torch.from_numpy(rows(request["real"], 3)), latents)
    return inversion(request, once, torch.from_numpy(rows(request["scan"], 3)), latents)


def make_networks(folder, sizes):
    """Fresh weights by PyTorch's rules, the same each time; gives the number of parameters."""
    torch.manual_seed(1)
    generator, discriminator = Generator(**sizes["generator"]), Discriminator(**sizes["discriminator"])
    write_safetensors(f"{folder}/generator.safetensors", stored(generator))
    write_safetensors(f"{folder}/discriminator.safetensors", stored(discriminator))
    return sum(parameter.numel() for net in (generator, discriminator) for parameter in net.parameters())


def training(request, once, real, latents):
    """One iteration; gives L_D, as L_G comes from scores that a few clouds' batch norm makes sensitive to rounding."""
    clouds = request["clouds"]
    real = real.view(clouds, -1, 3).transpose(1, 2)
    state = once(f"training {variant(request)}", lambda _: Training(*networks_of(request), ball_of(real.shape[2])))
    first, second = latents.unsqueeze(1).expand(-1, real.shape[2], -1).split(clouds)
    return lambda: state.iterate(real, first, second)[0][0]


def inversion(request, once, scan, latents):
    """One step; gives the sum of all losses before it."""
    make = lambda _: Inversion(*networks_of(request), ball_of(len(latents)), scan, latents.unsqueeze(0))
    state = once(f"inversion of {request['scan']} {variant(request)}", make)
    return lambda: sum(state.step()[0])


def variant(request):
    return f"from {request['folder']}, select {request.get('select', 0)}"


def networks_of(request):
    read = lambda name: read_safetensors(f"{request['folder']}/{name}.safetensors")
    generator = generator_of(read("generator"), torch.float32)
    generator.select = request.get("select", 0) == 1
    return generator, discriminator_of(read("discriminator"), torch.float32)


def ball_of(count):
    return torch.from_numpy(fibonacci_ball(count)).float().unsqueeze(0)
