"""Golden values of the reconstruction branch against `sp_gan_model.py`: float64, which tells formulas apart, and float32, as it is timed.

The errors and the tolerances of float32 are those of the golden values' own README: e = max|a - b| / max|b| over an array. In float64
only the rounding of the stored values is left.
"""
import numpy as np
import torch

from sp_gan_model import PAPER, Discriminator, Generator, Inversion, Training, fibonacci_ball, neighbours
from sp_gan_weights import discriminator_of, filled, generator_of, read_safetensors, stored

EXACT = 3e-7  # of float64: the stored values are rounded to float32
DEAD = 1e-5  # of the largest gradient: what rounding leaves of gradients that are 0
FIRST_LAYER = {Generator: 1, Discriminator: 101}  # numbers of the integer hash


def hash_values(count, layer):
    """u(i, layer) in [-1, 1) for i below count."""
    a = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32((layer * 0x85EBCA77 + 0x27D4EB2F) % 2**32)
    a = (a ^ a >> np.uint32(16)) * np.uint32(0x7FEB352D)
    a = (a ^ a >> np.uint32(15)) * np.uint32(0x846CA68B)
    return (a ^ a >> np.uint32(16)) / 2**32 * 2 - 1


def hashed(net, dtype):
    """The net filled from the integer hash; layers are numbered in the order of the tables."""
    values, own = {}, stored(net)
    for layer, (name, value) in enumerate(own.items(), FIRST_LAYER[type(net)]):
        offset, scale = offset_and_scale(name, own)
        made = offset + scale * hash_values(value.numel(), layer).reshape(value.shape)
        values[name] = torch.from_numpy(made.astype(np.float32))
    return filled(net, values, dtype)


def offset_and_scale(name, values):
    layer, kind = name.rsplit(".", 1)
    part = layer.split(".")[-1]
    if part == "style":
        return (0, 0.5) if kind == "weight" else (np.repeat([1, 0], len(values[name]) // 2), 0.1)
    if part.startswith("n"):  # batch norm
        return {"weight": (1, 0.2), "bias": (0, 0.2), "running_mean": (0, 0.2), "running_var": (1, 0.5)}[kind]
    return 0, 1 / np.sqrt(values[f"{layer}.weight"][0].numel())


def is_dead(name, train):
    """Whether the gradient is exactly 0: the bias of a layer that goes straight into a batch norm of batch statistics."""
    part, kind = name.split(".")[-2:]
    return train and kind == "bias" and part in ("w1", "w2", "x1", "g1", "g2", "c1", "c2", "c3", "c4")


class Case:
    """One line of the report: the largest error, what it is of, and all that missed its tolerance."""

    def __init__(self, name, dtype):
        self.name, self.dtype, self.worst, self.missed = name, dtype, (0, "nothing"), []

    def compare(self, what, found, expected, tolerance, scale=None):
        """`scale` is what errors are relative to, else the largest expected value; `tolerance` is that of float32."""
        found, expected = (torch.as_tensor(values).detach().double() for values in (found, expected))
        error = (found - expected).abs().max().item() / (scale or expected.abs().max().item())
        self.bound(what, error, tolerance if self.dtype == torch.float32 else EXACT)

    def bound(self, what, error, limit):
        self.worst = max(self.worst, (error, what))
        if not error <= limit:  # so that NaN is a miss
            self.missed.append(f"{what} {error:.1e} > {limit:.0e}")

    def gradients(self, net, expected, train, tolerance):
        largest = max(value.abs().max().item() for value in expected.values())
        for name, parameter in net.named_parameters():
            if is_dead(name, train):
                self.bound(f"dead {name}", parameter.grad.abs().max().item() / largest, DEAD)
            else:
                self.compare(f"gradient of {name}", parameter.grad, expected[name], tolerance)

    def rows_equal(self, what, found, expected, share):
        """At least `share` of the rows of a graph; all of them in float64."""
        equal = (found == expected).all(dim=-1).double().mean().item()
        self.bound(f"{what}, other rows", 1 - equal, 1 - share if self.dtype == torch.float32 else 0)

    def __str__(self):
        precision = str(self.dtype).split(".")[1]
        outcome = f"MISSED: {'; '.join(self.missed)}" if self.missed else f"worst {self.worst[0]:.1e} ({self.worst[1]})"
        return f"{self.name:30} {precision}  {outcome}"


class Golden:
    """A folder of golden values: integers as they are, floats in the precision of the check."""

    def __init__(self, folder, dtype):
        self.folder, self.dtype = folder, dtype

    def array(self, name):
        values = torch.from_numpy(np.load(f"{self.folder}/{name}.npy"))
        return values.to(self.dtype) if values.is_floating_point() else values.long()

    def tensors(self, name):
        return read_safetensors(f"{self.folder}/{name}.safetensors")


def check_generator(golden, dtype, mode, tolerance, gradient_tolerance):
    case = Case(f"{golden.folder.split('/')[-1]}/{mode}", dtype)
    net = generator_of(golden.tensors("weights"), dtype).train(mode == "train")
    ball, z = golden.array("in_ball").requires_grad_(), golden.array("in_z").requires_grad_()
    found = net.stages(ball, z)
    for name in ("style", "e1", "x1", "e2", "x2", "gmax", "glob", "out"):
        case.compare(name, found[name], golden.array(f"{mode}_{name}"), tolerance)
    for name in ("idx1", "idx2"):
        case.rows_equal(name, found[name], golden.array(f"{mode}_{name}"), 1)
    found["out"].backward(golden.array("up"))
    expected = golden.tensors(f"{mode}_grads")
    case.gradients(net, expected, mode == "train", gradient_tolerance)
    case.compare("gradient of the ball", ball.grad, expected["input0"], gradient_tolerance)
    case.compare("gradient of z", z.grad, expected["input1"], gradient_tolerance)
    check_running(case, net, golden, mode, tolerance)
    return case


def check_discriminator(golden, dtype, mode, tolerance, gradient_tolerance):
    case = Case(f"discriminator_small/{mode}", dtype)
    net, points = discriminator_of(golden.tensors("weights"), dtype).train(mode == "train"), golden.array("in_points").requires_grad_()
    net(points).backward(golden.array("up"))
    expected = golden.tensors(f"{mode}_grads")
    case.gradients(net, expected, mode == "train", gradient_tolerance)
    case.compare("gradient of the points", points.grad, expected["input0"], gradient_tolerance)
    check_running(case, net, golden, mode, tolerance)
    net = discriminator_of(golden.tensors("weights"), dtype).train(mode == "train")
    case.compare("feature", net.feature(points), golden.array(f"{mode}_feature"), tolerance)
    case.compare("score", net(points), golden.array(f"{mode}_out"), tolerance)
    return case


def check_running(case, net, golden, mode, tolerance):
    if mode == "train":
        for name, expected in golden.tensors("train_running").items():
            case.compare(name, stored(net)[name], expected, tolerance)


def check_training(golden, dtype):
    """Three iterations. The golden run leaves dead parameters as they are, so their rounding dust is taken away here too."""
    case = Case("train_step", dtype)
    nets = {
        "generator": generator_of(golden.tensors("generator_before"), dtype),
        "discriminator": discriminator_of(golden.tensors("discriminator_before"), dtype),
    }
    first = {net: golden.tensors(f"{net}_grads1") for net in nets}
    for net in nets.values():
        for name, parameter in net.named_parameters():
            if is_dead(name, True):
                parameter.register_hook(torch.zeros_like)
    half = nets["generator"].ad1.style.bias
    half.register_hook(lambda gradient: torch.cat([gradient[:len(half) // 2], torch.zeros_like(gradient[len(half) // 2:])]))
    training = Training(**nets, ball=golden.array("ball"))
    for i in range(3):
        losses, scores, _ = training.iterate(*(golden.array(name)[i] for name in ("real", "z1", "z2")))
        case.compare(f"losses of iteration {i + 1}", losses, golden.array("losses")[i], 5e-5)
        case.compare(f"scores of iteration {i + 1}", torch.cat(scores).flatten(), golden.array("scores")[i], 5e-5)
        for name, net in nets.items():
            if i == 0:
                case.gradients(net, first[name], True, 2e-4)
            if i != 1:
                check_parameters(case, net, golden.tensors(f"{name}_after{i + 1}"), first[name])
        if i == 0:
            norms = [np.sqrt(sum(value.double().square().sum().item() for value in stored(net).values())) for net in nets.values()]
            case.compare("norms of all values", norms, golden.array("norms_after1"), 5e-6)
    return case


def check_parameters(case, net, expected, gradients):
    """Absolute errors. Where a gradient is next to nothing Adam makes a full step of its sign: three steps of 1e-4 are allowed there."""
    for name, value in stored(net).items():
        error = (value.double() - expected[name].double()).abs()
        gradient = gradients.get(name, torch.ones_like(expected[name])).abs()
        large = gradient > 1e-4 * gradient.max()
        case.bound(name, error[large].max().item() if large.any() else 0, 5e-6 if case.dtype == torch.float32 else EXACT)
        case.bound(f"{name}, small gradients", error.max().item(), 3e-4 if case.dtype == torch.float32 else EXACT)


def check_inversion(golden, dtype):
    case = Case("inversion/reference", dtype)
    nets = generator_of(golden.tensors("generator"), dtype), discriminator_of(golden.tensors("discriminator"), dtype)
    ball, scan, z = (golden.array(name) for name in ("ball", "scan", "z_point"))
    inversion = Inversion(*nets, ball.reshape(1, -1, 3), scan, z.reshape(1, len(ball), -1), rates=(2e-3, 1e-4))
    rows = [inversion.step() for _ in range(10)]
    found = torch.tensor([[sum(losses), *losses, kept] for losses, kept, _ in rows], dtype=torch.float64)
    expected = golden.array("reference_losses")
    for column, what in enumerate(("total", "masked to scan", "scan to output", "score", "prior")):
        case.compare(what, found[:, column], expected[:, column], 2e-5)
    case.bound("size of the mask", (found[:, 5] - expected[:, 5]).abs().max().item(), 0)
    with torch.no_grad():
        out = nets[0](inversion.ball, inversion.z)
    case.compare("out", out.flatten(), golden.array("reference_out").flatten(), 1e-4)
    case.compare("z", inversion.z.flatten(), golden.array("reference_z").flatten(), 1e-4)
    return case


def compare_summary(case, what, array, expected, tolerance, norm_tolerance):
    """The first 16 values and the mean, relative to the largest of the whole array; its L2 norm."""
    array = array.detach().double()
    case.compare(what, torch.cat([array.flatten()[:16], array.mean().view(1)]), expected[:17], tolerance, array.abs().max().item())
    case.compare(f"norm of {what}", array.norm(), expected[17], norm_tolerance)


def compare_norms(case, net, expected, train, tolerance):
    norms = {name: parameter.grad.double().norm().item() for name, parameter in net.named_parameters()}
    for (name, norm), value in zip(norms.items(), expected.tolist()):
        if is_dead(name, train):
            case.bound(f"dead {name}", norm / expected.max().item(), DEAD)
        else:
            case.compare(f"gradient norm of {name}", norm, value, tolerance)


def uniform(shape, layer, dtype, scale=1.0):
    """scale * u as float32, then in the precision of the check."""
    return torch.from_numpy((scale * hash_values(int(np.prod(shape)), layer)).astype(np.float32)).reshape(shape).to(dtype)


def check_paper_generator(golden, dtype, name, count, z, tolerance, norm_tolerance):
    """With the stored graphs, as one swapped neighbour changes the global feature; our own graphs apart."""
    case, train, batch = Case(f"paper_size/{name}", dtype), "train" in name, len(z)
    net = hashed(Generator(**PAPER["generator"]), dtype).train(train)
    ball = torch.from_numpy(fibonacci_ball(count).astype(np.float32)).to(dtype).expand(batch, -1, -1)
    z = z.expand(-1, count, -1).contiguous().requires_grad_()
    graphs = golden.array(f"idx1_{count}").expand(batch, -1, -1), golden.array(f"{name}_idx2")
    found = net.stages(ball, z, graphs)
    found["out"].backward(uniform((batch, 3, count), 220, dtype))
    for stage in ("style", "e1", "x1", "e2", "x2", "gmax", "glob", "out"):
        compare_summary(case, stage, found[stage], golden.array(f"{name}_{stage}"), tolerance, tolerance)
    compare_summary(case, "gradient of z", z.grad, golden.array(f"{name}_grad_z"), 5e-2, 5e-3)
    compare_norms(case, net, golden.array(f"{name}_grad_norms"), train, norm_tolerance)
    for i, (x, graph) in enumerate(zip((ball[:1].transpose(1, 2), found["x1"]), graphs)):
        case.rows_equal(f"idx{i + 1}", neighbours(x, net.k, False), graph[:len(x)], 0.97 if train else 0.99)
    return case


def check_paper_discriminator(golden, dtype, name, points, tolerance, gradient_tolerance, norm_tolerance):
    case, train = Case(f"paper_size/{name}", dtype), "train" in name
    net = hashed(Discriminator(**PAPER["discriminator"]), dtype).train(train)
    points = points.requires_grad_()
    score = net(points)
    score.backward(uniform((len(points), 1), 221, dtype))
    case.compare("score", score, golden.array(f"{name}_score"), tolerance)
    compare_summary(case, "gradient of the points", points.grad, golden.array(f"{name}_grad_points"), gradient_tolerance, gradient_tolerance)
    compare_norms(case, net, golden.array(f"{name}_grad_norms"), train, norm_tolerance)
    compare_summary(case, "feature", net.feature(points), golden.array(f"{name}_feature"), tolerance, tolerance)
    return case


def cases(folder, dtype):
    """All cases, with the README's tolerances of float32."""
    golden = lambda name: Golden(f"{folder}/{name}", dtype)
    yield check_generator(golden("generator_small"), dtype, "train", 1e-5, 1e-4)
    yield check_generator(golden("generator_small"), dtype, "eval", 5e-6, 5e-5)
    yield check_generator(golden("generator_small_pointz"), dtype, "eval", 5e-6, 2e-5)
    yield check_discriminator(golden("discriminator_small"), dtype, "train", 2e-6, 2e-5)
    yield check_discriminator(golden("discriminator_small"), dtype, "eval", 2e-6, 1e-5)
    yield check_training(golden("train_step"), dtype)
    yield check_inversion(golden("inversion"), dtype)
    paper, root = golden("paper_size"), np.sqrt(3)
    shared, own, wide = (
        uniform(shape, layer, dtype, scale * root)
        for shape, layer, scale in (((1, 1, 128), 210, 0.2), ((1, 4096, 128), 211, 0.2), ((4, 1, 128), 212, 2))
    )
    yield check_paper_generator(paper, dtype, "g_eval_4096", 4096, shared, 2e-5, 5e-3)
    yield check_paper_generator(paper, dtype, "g_eval_4096_pointz", 4096, own, 2e-5, 2e-2)
    yield check_paper_generator(paper, dtype, "g_train_2048", 2048, wide, 5e-5, 1e-2)
    yield check_paper_discriminator(paper, dtype, "d_eval_4096", uniform((1, 3, 4096), 213, dtype, 0.6), 2e-6, 1e-5, 1e-5)
    sizes = np.array([0.3, 0.5, 0.7, 0.9]).repeat(3 * 2048)
    yield check_paper_discriminator(paper, dtype, "d_train_2048", uniform((4, 3, 2048), 214, dtype, sizes), 1e-5, 1e-3, 5e-5)


def check(folder):
    """Prints a line a case; whether all agree."""
    agree = True
    for dtype in (torch.float64, torch.float32):
        for case in cases(folder.rstrip("/"), dtype):
            print(case, flush=True)
            agree = agree and not case.missed
    return agree
