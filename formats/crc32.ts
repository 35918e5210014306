/** The checksum of ZIP and PNG. @module */

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ crc >>> 1 : crc >>> 1;
  return crc;
});

/** CRC-32 as ZIP (APPNOTE 4.4.7) and PNG (annex D) define it: polynomial 0xedb88320, start and end inverted. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]) & 255] ^ crc >>> 8;
  return (crc ^ 0xffffffff) >>> 0;
}
