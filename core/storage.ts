/** Files by name, wherever they lie: the only way in which rooms other than `host` reach them. @module */

/** A folder of files. Names use `/`; the disk is in `host/`, memory in {@linkcode memoryStorage}. */
export interface Storage {
  /** What the folder is called in messages: its path, or a label. */
  readonly label: string;
  /** Names of all files below `folder` ("" for all), sorted, relative to the storage's root. A folder that is not there has none. */
  list(folder: string): Promise<string[]>;
  /** The bytes of one file. @throws {FileMissing} */
  read(name: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Writes one file whole: a reader never sees a part of it. */
  write(name: string, bytes: Uint8Array): Promise<void>;
}
