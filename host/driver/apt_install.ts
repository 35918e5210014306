/** Way A: Debian's packages, installed into the system, as root. @module */
import { aptPatience, downloadBytes, driverPackages, megabytes } from "./apt.ts";
import { DriverStepFailed } from "./errors.ts";
import { complaint, type Machine } from "./machine.ts";

/**
 * Installs Mesa's software driver and the Vulkan loader. A worker started afterwards finds them.
 * @throws {DriverStepFailed}
 */
export async function aptInstall(machine: Machine, log: (line: string) => void): Promise<void> {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const apt = async (step: string, args: readonly string[]) => {
    const result = await machine.run("apt-get", [...aptPatience, "-o", "DPkg::Lock::Timeout=120", ...args], { env });
    if (!result.ok) throw new DriverStepFailed(step, complaint(result));
    return result.stdout;
  };
  const install = ["install", "-y", "--no-install-recommends", ...driverPackages];
  log("updating the system's list of packages (about 9 MB)");
  await apt("update the list of packages", ["update"]);
  const size = downloadBytes(await apt("find the driver's packages", ["-qq", "--print-uris", ...install]));
  log(`installing ${driverPackages.join(" and ")} with apt-get (${megabytes(size)} to download)`);
  await apt("install the driver's packages", install);
}
