/** The worker of {@linkcode probeAdapter}: answers with the adapter's description, or null. @module */
const worker = self as unknown as { postMessage(message: string | null): void };
const adapter = await navigator.gpu?.requestAdapter();
worker.postMessage(adapter ? adapter.info.description || "unnamed adapter" : null);
