/** Asking for an adapter without spending the main isolate's one chance. @module */

/** Milliseconds after which a driver that does not answer counts as absent. */
const PATIENCE = 30_000;

/**
 * The description of the adapter that a short-lived worker gets, undefined where it gets none. An isolate's first
 * `requestAdapter()` fixes what it will ever see; a worker started after a driver was brought sees the driver.
 */
export async function probeAdapter(): Promise<string | undefined> {
  const worker = new Worker(new URL("./probe_worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const timer = setTimeout(() => resolve(undefined), PATIENCE);
  worker.onmessage = ({ data }) => resolve(typeof data === "string" ? data : undefined);
  worker.onerror = (event) => {
    event.preventDefault(); // a driver that crashes the worker's script is no driver, and no reason to end here
    resolve(undefined);
  };
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    worker.terminate();
  }
}
