/** What the doctor found, as `doctor --json` prints it. @module */
import type { AdapterFacts } from "../kernels/mod.ts";
import type { LoopTrial, MemoryTrial, SpeedTrial } from "./adapter_trials.ts";
import type { DriverInUse } from "./driver/mod.ts";

/** One kernel's numbers against float64. */
export interface KernelFinding {
  /** Name of the operation. */
  readonly kernel: string;
  /** Whether it ran, with no deviation above the bound. */
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
  /** Name and version of this form. */
  readonly schema: "uni3dad.doctor/1";
  /** Deno's version, system, architecture, and logical processors. */
  readonly runtime: { readonly deno: string; readonly os: string; readonly arch: string; readonly processors: number };
  /** The adapter that work is done on. */
  readonly adapter: AdapterFacts;
  /** Where its driver comes from. */
  readonly driver: DriverInUse;
  /** What the adapter offers, by WebGPU's names: bytes and counts. */
  readonly limits: Readonly<Record<string, number>>;
  /** WebGPU's names of optional features. */
  readonly features: readonly string[];
  /** Whether long loops run to their end. */
  readonly loops: LoopTrial;
  /** Bandwidth and arithmetic that kernels can reach. */
  readonly speed: SpeedTrial;
  /** Whether memory keeps what is written, or why that could not be tried. */
  readonly memory: MemoryTrial | { readonly bytes: number; readonly problem: string };
  /** One finding an operation, against float64 on the host. */
  readonly kernels: readonly KernelFinding[];
  /** Sentences for people; empty where all is well. */
  readonly advice: readonly string[];
}
