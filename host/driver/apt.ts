/** What both ways of using Debian's packages share: which packages, and what they weigh. @module */
import type { Machine } from "./machine.ts";

/** The packages with Mesa's software driver and the Vulkan loader. */
export const driverPackages = ["mesa-vulkan-drivers", "libvulkan1"] as const;

/** Gives up on an unreachable mirror within half a minute instead of minutes. */
export const aptPatience = ["-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=15"] as const;

/** True where Debian's or Ubuntu's package tools are there. */
export const hasApt = (machine: Machine): boolean =>
  machine.os === "linux" && machine.hasCommand("apt-get") && machine.hasCommand("dpkg-deb");

/** Bytes that a list of `--print-uris` lines (address, file, size, hash) downloads. */
export function downloadBytes(uris: string): number {
  return uris.split("\n").reduce((sum, line) => sum + Number(/^'[^']*' \S+ (\d+)/.exec(line)?.[1] ?? 0), 0);
}

/** Bytes as people read them. */
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
