"""A scan brought to normal scans by Open3D's point-to-plane ICP with Tukey's weight."""
import numpy as np
import open3d as o3d

icp = o3d.pipelines.registration


def load_target(path):
    """A normal scan with its normals, from rows of six float32."""
    values = np.fromfile(path, np.float32).reshape(-1, 6).astype(np.float64)
    cloud = cloud_of(values[:, :3])
    cloud.normals = o3d.utility.Vector3dVector(values[:, 3:])
    return cloud


def cloud_of(points):
    return o3d.geometry.PointCloud(o3d.utility.Vector3dVector(points))


def align(points, targets, starts, passes):
    """A motion for each target, 4 x 4. `passes`: radius of the weight, farthest partner, steps, every which point."""
    motions = [start.reshape(4, 4).astype(np.float64) for start in starts]
    for radius, reach, iterations, step in passes:
        scan = cloud_of(points[::step, :3].astype(np.float64))
        method = icp.TransformationEstimationPointToPlane(icp.TukeyLoss(k=radius))
        criteria = icp.ICPConvergenceCriteria(0, 0, iterations)  # all steps, as the other side takes them
        motions = [
            icp.registration_icp(scan, target, reach, motion, method, criteria).transformation
            for target, motion in zip(targets, motions)
        ]
    return motions


def mean_residual(points, targets, motions, cap):
    """Mean distance of the moved points to each target's nearest, no more than `cap` each; mean over the targets, metres."""
    left = [
        np.minimum(cloud_of(points[:, :3].astype(np.float64)).transform(motion).compute_point_cloud_distance(target), cap).mean()
        for target, motion in zip(targets, motions)
    ]
    return np.mean(left)
