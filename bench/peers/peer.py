"""The Python side of the comparison: a task a line on standard input, its seconds a line on standard output.

A task is {"task": name, ...}; the answer {"seconds", "value"}, or {"missing": package} where Python lacks it, or {"error": text}. The
value is one number of the result, to be compared with the other side's. Reading a task's inputs is not timed, except a scan's
file, which is part of a detection.
"""
import json
import os
import sys
import time

import numpy as np

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print does not mix with the answers
loaded = {}


def once(path, read):
    if path not in loaded:
        loaded[path] = read(path)
    return loaded[path]


def rows(path, columns):
    return once(path, lambda path: np.fromfile(path, np.float32).reshape(-1, columns))


def timed(summary, work, *arguments):
    start = time.perf_counter()
    result = work(*arguments)
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "value": float(summary(result))}


def answer(request):
    import small_peers
    task, columns = request["task"], request.get("columns")
    if task == "detection":
        import published_pipeline
        bank = once(request["bank"], published_pipeline.load_bank)
        return timed(lambda result: result[0].max(), published_pipeline.detect, request["scan"], bank)
    if task == "features":
        spread = lambda result: np.abs(result - result.mean(axis=0)).mean()  # the mean alone is the same for any FPFH
        return timed(spread, small_peers.features, rows(request["points"], 3))
    if task == "neighbours":
        return timed(np.mean, small_peers.neighbours, rows(request["points"], 3), request["k"], request["workers"])
    if task == "coreset":
        return timed(lambda result: result[-1], small_peers.coreset, rows(request["rows"], columns), request["picks"])
    if task == "nearest":
        return timed(np.mean, small_peers.nearest, rows(request["queries"], columns), rows(request["bank"], columns))
    if task == "alignment":
        import alignment_peer
        targets = [once(path, alignment_peer.load_target) for path in request["normals"]]
        points, starts = rows(request["scan"], 4), rows(request["starts"], 16)
        passes = list(zip(*(request[name] for name in ("radii", "reaches", "iterations", "steps"))))
        left = lambda motions: alignment_peer.mean_residual(points[::passes[-1][3]], targets, motions, request["cap"])
        return timed(left, alignment_peer.align, points, targets, starts, passes)
    if task in ("networks", "training", "inversion"):
        import sp_gan_peer
        return timed(float, sp_gan_peer.work(request, once, rows))
    raise ValueError(f"no task {task}")


def use_all_cores():
    try:
        import torch
        torch.set_num_threads(os.cpu_count() or 1)
    except ImportError:
        pass  # tasks that need it will say so


use_all_cores()
for line in sys.stdin:
    try:
        result = answer(json.loads(line))
    except ImportError as error:
        result = {"missing": error.name or str(error)}
    except Exception as error:  # told to the other side, which leaves the row out
        result = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(result), file=answers, flush=True)
