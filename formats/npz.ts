/** NumPy's `.npz`: a ZIP file of named `.npy` arrays. @module */
import { crc32 } from "./crc32.ts";
import { FileTooLarge, MalformedFile, UnsupportedFile } from "./errors.ts";
import { DEFLATE_RATIO, inflate } from "./inflate.ts";
import { type NpyArray, readNpy } from "./npy.ts";
import { allocate, MOST_VALUES } from "./number_arrays.ts";

/** One line of the central directory. */
type Member = {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly local: number;
};

const STORED = 0, DEFLATED = 8;
/** Of an array in it. */
const LONGEST_HEADER = 2 ** 16;

const END_SIZE = 22, ENTRY_SIZE = 46, LOCAL_SIZE = 30, LONGEST_COMMENT = 65535;

/**
 * Reads all arrays of an `.npz` by name (without `.npy`), stored or deflated, sizes from the central directory (PKWARE APPNOTE 4.3). Members
 * of another kind are left out. Each array is read as {@link readNpy} reads it, and one that is refused there refuses the file.
 * @throws {MalformedFile} @throws {UnsupportedFile} @throws {FileTooLarge} when the arrays together have more bytes than `most` values of 8
 */
export async function readNpz(bytes: Uint8Array, most: number = MOST_VALUES): Promise<Map<string, NpyArray>> {
  const members = readCentralDirectory(bytes).filter(({ name }) => name.endsWith(".npy"));
  const size = members.reduce((sum, member) => sum + member.size, 0),
    packed = members.reduce((sum, { packed }) => sum + packed, 0);
  const mostBytes = 8 * most + LONGEST_HEADER; // 8: of the largest type
  if (size > mostBytes) throw new FileTooLarge("NPZ", size, mostBytes, "bytes");
  if (packed > bytes.length) {
    throw new MalformedFile("NPZ", 0, `its members have ${packed} bytes, the file ${bytes.length}`);
  }
  const arrays = new Map<string, NpyArray>();
  for (const member of members) {
    const name = member.name.slice(0, -".npy".length);
    if (arrays.has(name)) throw new MalformedFile("NPZ", member.local, `there are two arrays ${name}`);
    arrays.set(name, readNpy(await unpack(bytes, member), most));
  }
  return arrays;
}

function readCentralDirectory(bytes: Uint8Array): Member[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), end = findEnd(view);
  const disk = view.getUint16(end + 4, true), count = view.getUint16(end + 10, true);
  if (disk !== 0 || view.getUint16(end + 8, true) !== count) {
    throw new UnsupportedFile("NPZ", "it is one part of a split ZIP");
  }
  let at = view.getUint32(end + 16, true);
  const members: Member[] = [];
  for (let i = 0; i < count; i++) {
    if (!(at + ENTRY_SIZE <= end) || view.getUint32(at, true) !== 0x02014b50) {
      throw new MalformedFile("NPZ", at, `there is no entry ${i + 1} of ${count} in the central directory`);
    }
    const [nameLength, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const next = at + ENTRY_SIZE + nameLength + extra + comment;
    if (next > end) throw new MalformedFile("NPZ", at, "an entry of the central directory is cut off");
    const name = new TextDecoder().decode(bytes.subarray(at + ENTRY_SIZE, at + ENTRY_SIZE + nameLength));
    if (view.getUint16(at + 8, true) & 1) throw new UnsupportedFile("NPZ", `its member ${name} is encrypted`);
    const [crc, packed, size] = [16, 20, 24].map((field) => view.getUint32(at + field, true));
    members.push({
      name,
      method: view.getUint16(at + 10, true),
      crc,
      packed,
      size,
      local: view.getUint32(at + 42, true),
    });
    at = next;
  }
  return members;
}

/** The end record is the last thing in the file but for a comment. */
function findEnd(view: DataView): number {
  const last = view.byteLength - END_SIZE;
  for (let at = last; at >= 0 && at >= last - LONGEST_COMMENT; at--) {
    if (view.getUint32(at, true) === 0x06054b50 && at + END_SIZE + view.getUint16(at + 20, true) === view.byteLength) {
      return at;
    }
  }
  throw new MalformedFile("NPZ", Math.max(0, last), "the end of a ZIP file is not there");
}

async function unpack(bytes: Uint8Array, { name, method, crc, packed, size, local }: Member): Promise<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if ([packed, size, local].includes(0xffffffff)) {
    throw new UnsupportedFile("NPZ", `its member ${name} has ZIP64 sizes`);
  }
  if (method !== STORED && method !== DEFLATED) {
    throw new UnsupportedFile(
      "NPZ",
      `its member ${name} is packed by method ${method}; read are 0 (stored) and 8 (deflated)`,
    );
  }
  if (!(local + LOCAL_SIZE <= bytes.length) || view.getUint32(local, true) !== 0x04034b50) {
    throw new MalformedFile("NPZ", local, `the member ${name} does not stand there`);
  }
  // Sizes in the local header are 0 or ZIP64 marks in streamed files; only the lengths of name and extra field are needed.
  const start = local + LOCAL_SIZE + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + packed > bytes.length) {
    throw new MalformedFile("NPZ", start, `${name} ends at byte ${start + packed}, the file at ${bytes.length}`);
  }
  if (method === STORED ? size !== packed : size > packed * DEFLATE_RATIO) {
    throw new MalformedFile("NPZ", local, `${name} announces ${size} bytes in ${packed}`);
  }
  const data = bytes.subarray(start, start + packed);
  const content = method === STORED ? data : allocate(size, "NPZ");
  if (method === DEFLATED) await inflate(data, content, { format: "NPZ", offset: start, wrapper: "deflate-raw" });
  if (crc32(content) !== crc) throw new MalformedFile("NPZ", start, `the checksum of ${name} is wrong`);
  return content;
}
