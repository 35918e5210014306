"""The other side of our SP-GAN: the published training and inversion in PyTorch, checked and timed.

    sp_gan.py --check FOLDER         golden values: agreement case by case, exit 1 where one is missed
    sp_gan.py --time training  [--batch 4] [--points 2048] [--widths small] [--select]
    sp_gan.py --time inversion [--points 4096] [--scan 16384] [--widths small] [--select]

`--time` prints one JSON line: seconds of the first iteration, and median and least of those after it and of their parts. What is
computed, and after what, says `sp_gan_model.py`.
"""
import argparse
import json
import os
import resource
import statistics
import sys
import time

for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)  # they pin OpenBLAS to an older processor, and are read when it is loaded

import torch

from sp_gan_check import check
from sp_gan_model import PAPER, SMALL, Discriminator, Generator, Inversion, Training, fibonacci_ball

SIGMA = 0.2  # of the latent


def timed_work(options):
    """What `--time` repeats: a function that gives the seconds of its parts."""
    sizes = SMALL if options.widths == "small" else PAPER
    torch.manual_seed(1)
    g, d = Generator(**sizes["generator"], select=options.select), Discriminator(**sizes["discriminator"])
    ball, latent = torch.from_numpy(fibonacci_ball(options.points)).float().unsqueeze(0), sizes["generator"]["latent"]
    if options.time == "inversion":
        scan = torch.nn.functional.normalize(torch.randn(options.scan, 3)) * torch.tensor([1.0, 0.7, 0.2])
        inversion = Inversion(g, d, ball, scan, SIGMA * torch.randn(1, options.points, latent))
        return lambda: inversion.step()[2]
    training = Training(g, d, ball)
    real = (ball * torch.rand(options.batch, 1, 3)).transpose(1, 2).contiguous()  # ellipsoids
    draw = lambda: (SIGMA * torch.randn(options.batch, 1, latent)).expand(-1, options.points, -1)
    return lambda: training.iterate(real, draw(), draw())[2]


def measure(options):
    """Times iterations. `load` is what ran on the machine in the minute before; `cpu` are seconds of all threads together."""
    load, work = os.getloadavg()[0], timed_work(options)
    first, laps, cpu = sum(work().values()), [], []
    for _ in range(options.iterations):
        start = time.process_time()
        laps.append(work())
        cpu.append(time.process_time() - start)
    spread = lambda seconds: {"median": round(statistics.median(seconds), 4), "least": round(min(seconds), 4)}
    sizes = {"scan": options.scan} if options.time == "inversion" else {"batch": options.batch}
    return {
        "work": options.time, "points": options.points, **sizes, "widths": options.widths,
        "form": "select" if options.select else "sort", "threads": torch.get_num_threads(), "load": round(load, 2),
        "warmUp": round(first, 4), "iterations": options.iterations, **spread([sum(lap.values()) for lap in laps]),
        "parts": {part: spread([lap[part] for lap in laps]) for part in laps[0]}, "cpu": spread(cpu),
        "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--check", metavar="FOLDER")
    what.add_argument("--time", choices=["training", "inversion"])
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--points", type=int)
    parser.add_argument("--scan", type=int, default=16384)
    parser.add_argument("--widths", choices=["paper", "small"], default="paper")
    parser.add_argument("--select", action="store_true")
    parser.add_argument("--iterations", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.check:
        sys.exit(0 if check(options.check) else 1)
    options.points = options.points or (4096 if options.time == "inversion" else 2048)
    print(json.dumps(measure(options)))


if __name__ == "__main__":
    main()
