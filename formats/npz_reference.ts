/** A ZIP writer for tests. @module */
import { crc32 } from "./crc32.ts";
import { deflated } from "./tiff_reference.ts";

/** A member of the file, with what may be wrong about it. */
export interface ReferenceMember {
  readonly name: string;
  readonly content: Uint8Array<ArrayBuffer>;
  readonly method?: 0 | 8;
  /** What the central directory says instead of the truth. */
  readonly claims?: Partial<
    { flags: number; method: number; crc: number; packed: number; size: number; local: number }
  >;
}

/** Local headers without sizes, as streamed files have them, then the central directory and its end. */
export async function referenceZip(members: readonly ReferenceMember[]): Promise<Uint8Array<ArrayBuffer>> {
  const parts: number[] = [], central: number[] = [];
  const u16 = (...numbers: number[]) => numbers.flatMap((n) => [n & 255, n >> 8 & 255]);
  const u32 = (...numbers: number[]) => numbers.flatMap((n) => [...u16(n), ...u16(n >>> 16)]);
  for (const { name, content, method = 0, claims = {} } of members) {
    const data = method === 8 ? await deflated(content, "deflate-raw") : content,
      letters = [...new TextEncoder().encode(name)];
    const truth = {
      flags: 8,
      method,
      crc: crc32(content),
      packed: data.length,
      size: content.length,
      local: parts.length,
    };
    const said = { ...truth, ...claims };
    parts.push(
      ...u32(0x04034b50),
      ...u16(20, 8, method, 0, 0),
      ...u32(0, 0, 0),
      ...u16(letters.length, 0),
      ...letters,
      ...data,
    );
    central.push(
      ...u32(0x02014b50),
      ...u16(20, 20, said.flags, said.method, 0, 0),
      ...u32(said.crc, said.packed, said.size),
    );
    central.push(...u16(letters.length, 0, 0, 0, 0), ...u32(0, said.local), ...letters);
  }
  const end = [
    ...u32(0x06054b50),
    ...u16(0, 0, members.length, members.length),
    ...u32(central.length, parts.length),
    ...u16(0),
  ];
  return Uint8Array.from([...parts, ...central, ...end]);
}
