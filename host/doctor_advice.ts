/** What a person should know or do about an adapter. @module */
import type { DoctorDocument } from "./doctor_document.ts";

/** One multiply-add needs three numbers from somewhere: below this, a scan takes seconds where a small GPU takes a tenth. */
const FEW_FLOPS = 5e11;

/** Least limits that kernels are written for: what every WebGPU implementation must offer at least. */
const wanted: Readonly<Record<string, readonly [limit: number, what: string]>> = {
  maxStorageBufferBindingSize: [2 ** 27, "bytes in one binding"],
  maxComputeInvocationsPerWorkgroup: [256, "invocations a workgroup"],
  maxComputeWorkgroupStorageSize: [2 ** 14, "bytes of workgroup memory"],
  maxStorageBuffersPerShaderStage: [8, "storage buffers a kernel"],
};

/** Sentences in plain words, the most serious first; none where all is well. */
export function doctorAdvice(found: Omit<DoctorDocument, "advice">): string[] {
  const { adapter, driver, kernels, limits, loops, memory, runtime, speed } = found;
  const advice: string[] = [];
  const wrong = kernels.filter(({ ok }) => !ok).map(({ kernel }) => kernel);
  if (wrong.length > 0) {
    advice.push(
      `Do not trust results of this adapter: ${wrong.join(", ")} ${
        wrong.length === 1 ? "computes" : "compute"
      } wrong numbers. ` +
        "Update the graphics driver, or use the software adapter (`deno task setup`).",
    );
  }
  if ("problem" in memory) {
    advice.push(
      `${
        mebibytes(memory.bytes)
      } of GPU memory could not be used: ${memory.problem}. Close other programs, or lower --memory and --size.`,
    );
  } else if (memory.wrongWords > 0) {
    advice.push(
      `GPU memory does not hold what is written: ${memory.wrongWords} of ${
        memory.bytes / 4
      } words differ. The hardware or its driver is broken.`,
    );
  }
  if (adapter.software) {
    advice.push(
      `Computing on the processor (${adapter.description}): many times slower than a GPU. ${gpuHint(runtime.os)}`,
    );
    if (driver.origin === "cache") {
      advice.push(
        "The software adapter comes from the cache folder, since the system has none. " +
          (runtime.os === "linux"
            ? "The system's own (Debian: apt-get install mesa-vulkan-drivers libvulkan1) starts faster."
            : ""),
      );
    }
  } else if (speed.flopsPerSecond < FEW_FLOPS) {
    advice.push(
      `This GPU reaches ${
        (speed.flopsPerSecond / 1e9).toFixed(0)
      } GFLOP/s only. Where the computer has a second one, make it the preferred one in the system's settings.`,
    );
  }
  if (loops.limited) {
    advice.push(
      `The driver ends loops silently after ${loops.ran} turns. uni3dad's kernels are cut to stay below; a plugin's own kernels must be, too (60,000 turns an invocation).`,
    );
  }
  for (const [name, [least, what]] of Object.entries(wanted)) {
    if (name in limits && limits[name] < least) {
      advice.push(
        `The adapter allows ${
          limits[name]
        } ${what}, kernels are written for ${least}: some will be refused. Update the driver.`,
      );
    }
  }
  return advice.map((sentence) => sentence.trim());
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

function gpuHint(os: string): string {
  if (os !== "linux") return "If this computer has a GPU, install its maker's driver.";
  return "If this computer has a GPU, install its Vulkan driver (Debian: mesa-vulkan-drivers for AMD and Intel, nvidia-driver for NVIDIA) " +
    "and see that this user may open /dev/dri or /dev/nvidia0; in a container, pass the device in.";
}
