/** The test command's first step: finds an adapter, or brings a software one, and says which. @module */
import { ensureDriver } from "../host/driver/mod.ts";
import { openDevice } from "../kernels/mod.ts";

const { origin } = await ensureDriver({ download: true, log: (line) => console.error(line) });
const { device, adapter } = await openDevice();
console.error(`${adapter.description}, from ${origin}`);
device.destroy();
