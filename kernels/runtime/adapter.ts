/** Choosing an adapter and asking it for all it can do. @module */
import { NoAdapter } from "./errors.ts";

/** What is known of the adapter in use. */
export interface AdapterFacts {
  /** The driver's own words, such as `llvmpipe (LLVM 15.0.6, 256 bits)`. */
  readonly description: string;
  /** The vendor as the driver names it; may be empty. */
  readonly vendor: string;
  /** True where the "GPU" is this computer's processor. */
  readonly software: boolean;
  /** Whether the device can time kernels by itself, by WebGPU's `timestamp-query`. */
  readonly timestamps: boolean;
}

/** A device with its adapter's facts. */
export interface OpenedDevice {
  /** WebGPU's own device, with the adapter's limits. */
  readonly device: GPUDevice;
  /** What is known of the adapter that gave it. */
  readonly adapter: AdapterFacts;
}

const softwareNames = /llvmpipe|lavapipe|swiftshader|software|basic render/i;

const raised = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupStorageSize",
  "maxStorageBuffersPerShaderStage",
] as const;

/**
 * The strongest adapter, hardware before software, with its limits raised to what it offers.
 * @throws {NoAdapter}
 */
export async function openDevice(): Promise<OpenedDevice> {
  if (!("gpu" in navigator) || !navigator.gpu) {
    throw new NoAdapter("this runtime has no WebGPU; use Deno 2.9 or a browser with WebGPU");
  }
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" }) ??
    await navigator.gpu.requestAdapter();
  if (!adapter) {
    throw new NoAdapter(
      "run `deno task setup`, or install a Vulkan driver (Debian: apt-get install mesa-vulkan-drivers libvulkan1)",
    );
  }
  const { description, vendor, isFallbackAdapter } = adapter.info as GPUAdapterInfo & { isFallbackAdapter?: boolean };
  const timestamps = adapter.features.has("timestamp-query");
  const requiredLimits: Record<string, number> = {};
  for (const name of raised) requiredLimits[name] = adapter.limits[name];
  const device = await adapter.requestDevice({
    requiredFeatures: timestamps ? ["timestamp-query"] : [],
    requiredLimits,
  });
  return {
    device,
    adapter: {
      description,
      vendor,
      software: isFallbackAdapter === true || softwareNames.test(description),
      timestamps,
    },
  };
}
