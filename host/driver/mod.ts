/** Bringing WebGPU an adapter where the machine has none. @module */
export type { DriverKind } from "./cached_driver.ts";
export { type DriverInUse, driverInUse } from "./driver_in_use.ts";
export { type DriverFound, type DriverOrigin, ensureDriver, type EnsureDriverOptions } from "./ensure_driver.ts";
export { DriverStepFailed, SetupFailed } from "./errors.ts";
export type { CommandOptions, CommandResult, Machine } from "./machine.ts";
export { type SetupDocument, setupDriver, type SetupDriverOptions } from "./setup_driver.ts";
