/** A worker and what it says, until it ends. @module */

/** The other end of {@linkcode openLink}, inside of the worker. */
export interface WorkerEnd<To, From> {
  /** Called with each message, from when it is set. */
  onmessage: ((event: MessageEvent<To>) => void) | null;
  /** Sends; what is transferred is gone here. */
  postMessage(message: From, transfer?: Transferable[]): void;
}

/** A running worker. Disposing ends it, whatever it is doing. */
export interface WorkerLink<To> extends Disposable {
  /** Sends a message; what is transferred is gone here. */
  post(message: To, transfer?: Transferable[]): void;
}

/** What a worker is listened to with. */
export interface LinkEars<From> {
  /** Each message. */
  readonly onMessage: (message: From) => void;
  /** It died of an error that nothing caught: its words. Nothing comes after it. */
  readonly onLost: (problem: string) => void;
}

/** Starts a worker from a module, whose first message is the one to be answered. */
export function openLink<To, From>(module: URL, { onMessage, onLost }: LinkEars<From>): WorkerLink<To> {
  const worker = new Worker(module, { type: "module" });
  let ended = false;
  const end = () => {
    ended = true;
    worker.terminate();
  };
  worker.onmessage = ({ data }) => {
    if (!ended) onMessage(data);
  };
  worker.onerror = (event) => {
    event.preventDefault(); // else this thread would end with it
    if (ended) return;
    end();
    onLost(event.message);
  };
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    [Symbol.dispose]: end,
  };
}
