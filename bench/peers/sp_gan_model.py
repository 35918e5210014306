"""SP-GAN's networks, its training iteration and Uni-3DAD's inversion step in plain PyTorch.

Written anew from facts, not from the code: the layers, losses and optimisers of SP-GAN (arXiv 2108.04476, commit c4ed07b) with default
options, and of its inversion in Uni-3DAD (arXiv 2408.16201, commit 7021aa9). Nothing is saved that the published form does not save:
all N x N distances are sorted, convolutions run over the edges [c; d], and edge1 runs for every cloud although they are all alike
there. `select` alone is kinder: it selects the nearest instead of sorting all. Names of parameters are those of the golden values.
"""
import time

import numpy as np
import torch
from torch import nn
from torch.nn.functional import leaky_relu

PAPER = {
    "generator": {"latent": 128, "neighbours": 10, "style": 128, "edges": (64, 128), "features": 512, "tail": (256, 64)},
    "discriminator": {"convolutions": (64, 128, 256, 1024), "linears": (512, 256, 64)},
}
SMALL = {
    "generator": {"latent": 64, "neighbours": 10, "style": 64, "edges": (32, 64), "features": 256, "tail": (128, 32)},
    "discriminator": {"convolutions": (32, 64, 128, 512), "linears": (256, 128, 32)},
}


@torch.no_grad()
def neighbours(x, k, select):
    """The k nearest of each point of x [B, C, N] in order, without the first, which is taken to be the point itself: [B, N, k]."""
    squares = x.square().sum(dim=1)
    distances = squares.unsqueeze(2) - 2 * x.transpose(1, 2) @ x + squares.unsqueeze(1)
    if select:
        return distances.topk(k + 1, largest=False, sorted=True).indices[:, :, 1:]
    return distances.sort(dim=-1).indices[:, :, 1:k + 1]


@torch.no_grad()
def nearest_rows(a, b, k):
    """The k rows of b nearest to each row of a: [A, k]. In pieces, which is kind to caches; |a|^2 changes no order."""
    squares = b.square().sum(dim=1)
    return torch.cat([torch.addmm(squares, part, b.T, alpha=-2).topk(k, largest=False).indices for part in a.split(512)])


class EdgeBlock(nn.Module):
    """Features of the edges to k neighbours, weighted by a softmax over them, then a convolution over their ranks."""

    def __init__(self, inputs, outputs, k):
        super().__init__()
        self.w1, self.nw1 = nn.Conv2d(inputs, outputs // 2, 1), nn.BatchNorm2d(outputs // 2)
        self.w2, self.nw2 = nn.Conv2d(outputs // 2, outputs, 1), nn.BatchNorm2d(outputs)
        self.x1, self.nx1 = nn.Conv2d(2 * inputs, outputs, 1), nn.BatchNorm2d(outputs)
        self.out = nn.Conv2d(outputs, outputs, (1, k))

    def forward(self, x, graph):
        batch, channels, count = x.shape
        k = graph.shape[2]
        flat = graph.reshape(batch, 1, count * k).expand(-1, channels, -1)
        centre = x.unsqueeze(3).expand(-1, -1, -1, k)
        difference = x.gather(2, flat).view(batch, channels, count, k) - centre
        weights = leaky_relu(self.nw1(self.w1(difference)))
        weights = leaky_relu(self.nw2(self.w2(weights))).softmax(dim=3)
        features = leaky_relu(self.nx1(self.x1(torch.cat([centre, difference], dim=1))))
        return self.out(features * weights).squeeze(3)


class AdaIN(nn.Module):
    """Instance norm whose scale and shift come from the style, point by point."""

    def __init__(self, channels, style):
        super().__init__()
        self.style = nn.Conv1d(style, 2 * channels, 1)
        nn.init.normal_(self.style.weight)
        with torch.no_grad():
            self.style.bias[:channels], self.style.bias[channels:] = 1, 0
        self.norm = nn.InstanceNorm1d(channels)

    def forward(self, x, style):
        scale, shift = self.style(style).chunk(2, dim=1)
        return scale * self.norm(x) + shift


class Generator(nn.Module):
    """Prior [B, N, 3] and latent [B, N, latent] to points [B, 3, N]."""

    def __init__(self, latent, neighbours, style, edges, features, tail, select=False):
        super().__init__()
        first, second = edges
        self.k, self.select = neighbours, select
        self.head1, self.head2 = nn.Conv1d(3 + latent, style, 1), nn.Conv1d(style, style, 1)
        self.edge1, self.ad1 = EdgeBlock(3, first, neighbours), AdaIN(first, style)
        self.edge2, self.ad2 = EdgeBlock(first, second, neighbours), AdaIN(second, style)
        self.g1, self.ng1 = nn.Linear(second, second), nn.BatchNorm1d(second)
        self.g2, self.ng2 = nn.Linear(second, features), nn.BatchNorm1d(features)
        self.t1 = nn.Conv1d(features + second, tail[0], 1)
        self.t2, self.t3 = nn.Conv1d(tail[0], tail[1], 1), nn.Conv1d(tail[1], 3, 1)

    def stages(self, ball, z, graphs=(None, None)):
        """All that golden values name, `out` last. `graphs` [B, N, k] take the place of the ones found here."""
        x0 = ball.transpose(1, 2)
        style = leaky_relu(self.head1(torch.cat([x0, z.transpose(1, 2)], dim=1)))
        style = leaky_relu(self.head2(style))
        idx1 = neighbours(x0, self.k, self.select) if graphs[0] is None else graphs[0]
        e1 = self.edge1(x0, idx1)
        x1 = self.ad1(leaky_relu(e1, 0.2), style)
        idx2 = neighbours(x1, self.k, self.select) if graphs[1] is None else graphs[1]
        e2 = self.edge2(x1, idx2)
        x2 = self.ad2(leaky_relu(e2, 0.2), style)
        gmax = x2.max(dim=2).values
        glob = leaky_relu(self.ng2(self.g2(leaky_relu(self.ng1(self.g1(gmax))))))
        feature = torch.cat([glob.unsqueeze(2).expand(-1, -1, x2.shape[2]), x2], dim=1)
        out = torch.tanh(self.t3(leaky_relu(self.t2(leaky_relu(self.t1(feature))))))
        names = ("style", "idx1", "e1", "x1", "idx2", "e2", "x2", "gmax", "glob", "feature", "out")
        return dict(zip(names, (style, idx1, e1, x1, idx2, e2, x2, gmax, glob, feature, out)))

    def forward(self, ball, z):
        return self.stages(ball, z)["out"]


class Discriminator(nn.Module):
    """Points [B, 3, N] to a raw score each, [B, 1]."""

    def __init__(self, convolutions, linears):
        super().__init__()
        for i, (inputs, outputs) in enumerate(zip((3, *convolutions), convolutions), 1):
            self.add_module(f"c{i}", nn.Conv1d(inputs, outputs, 1))
            self.add_module(f"n{i}", nn.BatchNorm1d(outputs))
        sizes = (convolutions[-1], *linears, 1)
        for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:]), 1):
            self.add_module(f"m{i}", nn.Linear(inputs, outputs))

    def feature(self, x):
        """The pooled feature [B, last convolution]."""
        for i in range(1, 5):
            x = leaky_relu(getattr(self, f"n{i}")(getattr(self, f"c{i}")(x)))
        return x.max(dim=2).values

    def forward(self, x):
        x = self.feature(x)
        for i in range(1, 4):
            x = leaky_relu(getattr(self, f"m{i}")(x))
        return self.m4(x)


def take_gradients(net, wanted):
    for parameter in net.parameters():
        parameter.requires_grad_(wanted)


class Laps:
    """Seconds of the parts of one piece of work, by name."""

    def __init__(self):
        self.seconds, self.last = {}, time.perf_counter()

    def end(self, part):
        now = time.perf_counter()
        self.seconds[part], self.last = now - self.last, now


class Training:
    """Least-squares training: one step of the discriminator, then one of the generator, each with latents of its own."""

    def __init__(self, generator, discriminator, ball, rate=1e-4):
        self.generator, self.discriminator, self.ball = generator.train(), discriminator.train(), ball
        self.adam_g = torch.optim.Adam(generator.parameters(), rate, betas=(0.5, 0.99))
        self.adam_d = torch.optim.Adam(discriminator.parameters(), rate, betas=(0.5, 0.99))

    def iterate(self, real, z1, z2):
        """Losses of both, the three scores D(real), D(fake), D(fake of the new z), and the seconds of the parts."""
        laps, ball = Laps(), self.ball.expand(len(real), -1, -1)
        g, d = self.generator, self.discriminator
        with torch.no_grad():
            fake = g(ball, z1)
        laps.end("generator forward for D")
        take_gradients(d, True)
        self.adam_d.zero_grad()
        on_real, on_fake = d(real), d(fake)  # two batches, each with its own statistics
        loss_d = (on_fake.square().mean() + (on_real - 1).square().mean()) / 2
        loss_d.backward()
        self.adam_d.step()
        laps.end("discriminator step")
        take_gradients(d, False)
        self.adam_g.zero_grad()
        fake = g(ball, z2)
        laps.end("generator forward")
        d(real)  # its scores are not used, its running statistics are
        scores = d(fake)
        loss_g = (scores - 1).square().mean()
        laps.end("scores for the generator")
        loss_g.backward()
        self.adam_g.step()
        laps.end("backward and Adam")
        return (loss_d.item(), loss_g.item()), (on_real, on_fake, scores), laps.seconds


class Inversion:
    """Latents of all points and the generator's weights fitted to a scan [T, 3], both networks in eval mode, as Uni-3DAD's code does."""

    def __init__(self, generator, discriminator, ball, scan, z, rates=(1e-4, 2e-5)):
        self.generator, self.discriminator, self.ball, self.scan = generator.eval(), discriminator.eval(), ball, scan
        self.z = z.clone().requires_grad_()
        take_gradients(discriminator, False)
        self.adam_z = torch.optim.Adam([self.z], rates[0], betas=(0, 0.99))
        self.adam_g = torch.optim.Adam(generator.parameters(), rates[1], betas=(0.5, 0.99))

    def losses(self, out):
        """Masked output to scan, scan to output (sums of squares in x and y), (D - 1)^2, prior; and how many points the mask keeps."""
        points, scan = out[0].T, self.scan
        kept = nearest_rows(scan, points, 5).unique()
        masked = points[kept]
        return (
            sum_to_nearest(masked[:, :2], scan[:, :2]),
            sum_to_nearest(scan[:, :2], points[:, :2]),
            (self.discriminator(out) - 1).square().mean(),
            (self.z.square() / 2).mean(),
        ), len(kept)

    def step(self):
        """The four losses before it, the mask's size, and the seconds of the parts."""
        laps = Laps()
        self.adam_z.zero_grad()
        self.adam_g.zero_grad()
        out = self.generator(self.ball, self.z)
        laps.end("generator forward")
        losses, kept = self.losses(out)
        laps.end("losses")
        sum(losses).backward()
        self.adam_z.step()
        self.adam_g.step()
        laps.end("backward and Adam")
        return [loss.item() for loss in losses], kept, laps.seconds


def sum_to_nearest(a, b):
    """Sum over rows of a of the squared distance to the nearest row of b; the choice carries no gradient."""
    return (a - b[nearest_rows(a, b, 1).squeeze(1)]).square().sum()


def fibonacci_ball(count):
    """A near-uniform sphere, centred at its mean, largest radius 1: [N, 3] float64."""
    i = np.arange(count)
    height = 1 - (2 * i + 1) / count
    radius, angle = np.sqrt(1 - height**2), np.pi * (1 + np.sqrt(5)) * (i + 0.5)
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=1)
    points -= points.mean(axis=0)
    return points / np.linalg.norm(points, axis=1).max()
