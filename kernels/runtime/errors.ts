/** What can go wrong between us and a GPU, one class a cause. @module */
import { Uni3dadError } from "../../errors.ts";

/** No WebGPU adapter answered. */
export class NoAdapter extends Uni3dadError {
  /** Stable name of this error; exit code 4. */
  readonly code = "no-adapter" as const;
  /** `advice` says what to install or run. */
  constructor(readonly advice: string) {
    super(`Cannot find a WebGPU adapter: ${advice}`);
  }
}

/** The device has no memory left, or a single buffer is more than it can hold. */
export class GpuOutOfMemory extends Uni3dadError {
  /** Stable name of this error; exit code 5. */
  readonly code = "gpu-out-of-memory" as const;
  /** `bytes` were asked for `what`, `limit` bytes are the most that can be had. */
  constructor(readonly bytes: number, readonly limit: number, what: string) {
    super(
      `Cannot allocate ${(bytes / 2 ** 20).toFixed(1)} MiB on the GPU for ${what}: ${
        (limit / 2 ** 20).toFixed(0)
      } MiB are possible; ` +
        "lower the map size, the number of training scans or the share of rows kept",
    );
  }
}

/** The device went away: a driver reset, a watchdog, an unplugged GPU. What was on it is gone. */
export class DeviceLost extends Uni3dadError {
  /** Stable name of this error; exit code 5. */
  readonly code = "device-lost" as const;
  /** `reason` is the driver's own, such as `destroyed` or `unknown`. */
  constructor(readonly reason: string) {
    super(`Cannot reach the GPU any more: the device was lost (${reason}); open it again and repeat`);
  }
}

/** WGSL that the driver's compiler refuses, or a dispatch that does not fit its pipeline: a fault of ours. */
export class ShaderError extends Uni3dadError {
  /** Stable name of this error; exit code 1, a fault of ours. */
  readonly code = "shader-error" as const;
  /** `line` counts in the kernel's own WGSL, from 1; 0 where the driver names none. */
  constructor(readonly kernel: string, readonly line: number, problem: string) {
    super(`Cannot run kernel ${kernel}${line > 0 ? `, line ${line}` : ""}: ${problem}`);
  }
}

/** Operands of a kernel do not fit each other. */
export class ShapeMismatch extends Uni3dadError {
  /** Stable name of this error; exit code 1, a fault of the caller. */
  readonly code = "shape-mismatch" as const;
  /** `wanted` and `got` say the same thing of the operands: what `kernel` needs, and what it was given. */
  constructor(readonly kernel: string, readonly wanted: string, readonly got: string) {
    super(`Cannot run ${kernel}: it needs ${wanted}, it got ${got}`);
  }
}
