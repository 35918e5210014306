"""Single steps as users of Python write them: features, neighbours, greedy choice, nearest rows."""


def features(points):
    """Normals of 30 and FPFH of 100 neighbours by Open3D: n x 33."""
    from published_pipeline import fpfh
    return fpfh(points)


def neighbours(points, k, workers):
    """Distances to the exact k nearest by SciPy's k-d tree, which is built here: n x k."""
    from scipy.spatial import cKDTree
    distances, _ = cKDTree(points).query(points, k=k, workers=workers)
    return distances


def coreset(rows, picks):
    """Greedy k-centre from row 0 as published, in float32 on a CPU: distance of each pick to those before it."""
    import torch
    rows = torch.from_numpy(rows)
    nearest = torch.linalg.norm(rows - rows[0], dim=1)
    last, distances = 0, torch.zeros(picks)
    for pick in range(1, picks):
        nearest = torch.minimum(nearest, torch.linalg.norm(rows - rows[last], dim=1))
        last = torch.argmax(nearest)
        distances[pick] = nearest[last]
        nearest[last] = 0
    return distances.numpy()


def nearest(queries, bank):
    """Distance of each query to its nearest bank row."""
    import torch
    distances, _ = torch.min(torch.cdist(torch.from_numpy(queries), torch.from_numpy(bank)), dim=1)
    return distances.numpy()
