"""The published geometry-only pipeline (BTF: FPFH and PatchCore) in Python, written anew from its formulas.

Plane by RANSAC on the border, removal, DBSCAN, 224 x 224, normals and FPFH by Open3D, pooling, a k-nearest bank search, the
re-weighted score, an 8-bit blur. `published_pipeline.py BANK.npy SCAN.tiff ...` prints the seconds of each stage as JSON.
"""
import json
import os
import sys
import time
import zlib

import numpy as np
import open3d as o3d
import torch
from PIL import Image, ImageFilter

SIZE, CELLS = 224, 28


def read_xyz_tiff(path):
    """H x W x 3 float32 of a little-endian TIFF in strips, plain or deflated."""
    data = open(path, "rb").read()
    if data[:4] != b"II*\0":
        raise ValueError(f"{path}: not a little-endian TIFF")
    at = int.from_bytes(data[4:8], "little")
    tags = {}
    for i in range(int.from_bytes(data[at:at + 2], "little")):
        entry = data[at + 2 + 12 * i:at + 14 + 12 * i]
        tag, kind, count = np.frombuffer(entry[:2], "<u2")[0], np.frombuffer(entry[2:4], "<u2")[0], np.frombuffer(entry[4:8], "<u4")[0]
        if kind in (3, 4):
            dtype = np.dtype("<u2" if kind == 3 else "<u4")
            start = 8 if dtype.itemsize * count <= 4 else None
            raw = entry[8:12] if start else data[int.from_bytes(entry[8:12], "little"):][:dtype.itemsize * count]
            tags[int(tag)] = np.frombuffer(raw[:dtype.itemsize * count], dtype).astype(int)
    width, height, compression = tags[256][0], tags[257][0], tags[259][0]
    strips = [data[o:o + n] for o, n in zip(tags[273], tags[279])]
    if compression in (8, 32946):
        strips = [zlib.decompress(strip) for strip in strips]
    elif compression != 1:
        raise ValueError(f"{path}: compression {compression}")
    return np.frombuffer(b"".join(strips), "<f4").reshape(height, width, 3)


def cloud_of(points):
    cloud = o3d.geometry.PointCloud()
    cloud.points = o3d.utility.Vector3dVector(points)
    return cloud


def valid(xyz):
    return np.all(xyz != 0, axis=2)


def remove_plane(xyz):
    strips = [xyz[:10].reshape(-1, 3), xyz[-10:].reshape(-1, 3), xyz[:, :10].reshape(-1, 3), xyz[:, -10:].reshape(-1, 3)]
    border = np.concatenate(strips)
    border = border[np.all(border != 0, axis=1)]
    plane, _ = cloud_of(border).segment_plane(distance_threshold=0.004, ransac_n=50, num_iterations=1000)
    out = xyz.copy()
    out[np.abs(xyz.astype(np.float64) @ plane[:3] + plane[3]) < 0.005] = 0
    return out


def pad(xyz):
    height, width = xyz.shape[:2]
    side = max(-(-height // 100) * 100, -(-width // 100) * 100)
    out = np.zeros((side, side, 3), xyz.dtype)
    top, left = (side - height) // 2, (side - width) // 2
    out[top:top + height, left:left + width] = xyz
    return out


def keep_largest(xyz):
    where = np.nonzero(valid(xyz).reshape(-1))[0]
    labels = np.asarray(cloud_of(xyz.reshape(-1, 3)[where]).cluster_dbscan(eps=0.006, min_points=30, print_progress=False))
    names, counts = np.unique(labels, return_counts=True)
    out = xyz.copy()
    out.reshape(-1, 3)[where[labels != names[np.argmax(counts)]]] = 0
    return out


def to_map(xyz):
    index = np.floor(np.arange(SIZE) * (xyz.shape[0] / SIZE)).astype(int)
    return xyz[index][:, index]


def fpfh(points):
    """n x 33 float64: 30 neighbours for normals, 100 for features; radii that never bind."""
    cloud = cloud_of(points)
    cloud.estimate_normals(o3d.geometry.KDTreeSearchParamHybrid(radius=0.1, max_nn=30))
    feature = o3d.pipelines.registration.compute_fpfh_feature(cloud, o3d.geometry.KDTreeSearchParamHybrid(radius=0.25, max_nn=100))
    return feature.data.T


def features(xyz):
    mask = valid(xyz)
    rows = np.zeros((SIZE, SIZE, 33))
    rows[mask] = fpfh(xyz[mask])
    return rows


def pool(rows):
    image = torch.from_numpy(rows).permute(2, 0, 1).unsqueeze(0)
    image = torch.nn.functional.avg_pool2d(image, 3, stride=1)
    return torch.nn.functional.adaptive_avg_pool2d(image, (CELLS, CELLS)).reshape(33, -1).T


def search(patches, bank):
    """Distances of the patches, and the re-weighted score."""
    distances, nearest = torch.min(torch.cdist(patches, bank), dim=1)
    worst = torch.argmax(distances)
    largest = distances[worst]
    around = torch.topk(torch.cdist(bank[nearest[worst]].unsqueeze(0), bank), k=min(3, len(bank)), largest=False).indices[0, 1:]
    others = torch.linalg.norm(patches[worst] - bank[around], dim=1)
    root = torch.sqrt(torch.tensor(float(patches.shape[1])))
    weight = 1 - torch.exp(largest / root) / torch.sum(torch.exp(others / root))
    return distances, float(weight * largest)


def smooth(distances):
    cells = distances.reshape(1, 1, CELLS, CELLS)
    image = torch.nn.functional.interpolate(cells, size=(SIZE, SIZE), mode="bilinear", align_corners=False)[0, 0].numpy()
    largest = image.max()
    grey = Image.fromarray((image / largest * 255).astype(np.uint8), mode="L").filter(ImageFilter.GaussianBlur(radius=4))
    return np.asarray(grey).astype(np.float32) / 255 * largest


def detect(path, bank):
    """Map and score of one scan file, with the seconds of each stage."""
    seconds = {}

    def stage(name, work, *args):
        start = time.perf_counter()
        result = work(*args)
        seconds[name] = seconds.get(name, 0) + time.perf_counter() - start
        return result

    xyz = stage("read", read_xyz_tiff, path)
    xyz = stage("plane", remove_plane, xyz)
    xyz = stage("pad", pad, xyz)
    xyz = stage("clean-up", keep_largest, xyz)
    xyz = stage("to 224", to_map, xyz)
    rows = stage("normals and FPFH", features, xyz)
    patches = stage("pooling", pool, rows)
    distances, score = stage("bank", search, patches, bank)
    return stage("map", smooth, distances), score, seconds


def load_bank(path):
    return torch.from_numpy(np.load(path).astype(np.float64))


def main(arguments):
    torch.set_num_threads(os.cpu_count() or 1)
    bank, scans = load_bank(arguments[0]), arguments[1:]
    detect(scans[0], bank)
    results = [(path, *detect(path, bank)) for path in scans]
    print(json.dumps([{"scan": path, "score": score, "seconds": {**seconds, "all": sum(seconds.values())}} for path, _, score, seconds in results], indent=1))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: published_pipeline.py BANK.npy SCAN.tiff ...")
    main(sys.argv[1:])
