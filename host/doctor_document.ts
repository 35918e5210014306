/** What the doctor found, as `doctor --json` prints it. @module */
import type { AdapterFacts } from "../kernels/mod.ts";
import type { LoopTrial, MemoryTrial, SpeedTrial } from "./adapter_trials.ts";
import type { DriverInUse } from "./driver/mod.ts";

/** One kernel's numbers against float64. */
export interface KernelFinding {
  readonly kernel: string;
  readonly ok: boolean;
  /** The largest deviation; for results that must be exact, how many differ. Absent where the kernel did not run. */
  readonly worst?: number;
  /** The largest deviation that rounding explains. */
  readonly bound?: number;
  /** Why it did not run. */
  readonly problem?: string;
}

/** What `doctor --json` prints. */
export interface DoctorDocument {
  readonly schema: "uni3dad.doctor/1";
  readonly runtime: { readonly deno: string; readonly os: string; readonly arch: string; readonly processors: number };
  readonly adapter: AdapterFacts;
  readonly driver: DriverInUse;
  /** What the adapter offers, by WebGPU's names: bytes and counts. */
  readonly limits: Readonly<Record<string, number>>;
  /** WebGPU's names of optional features. */
  readonly features: readonly string[];
  readonly loops: LoopTrial;
  readonly speed: SpeedTrial;
  readonly memory: MemoryTrial | { readonly bytes: number; readonly problem: string };
  readonly kernels: readonly KernelFinding[];
  /** Sentences for people; empty where all is well. */
  readonly advice: readonly string[];
}
