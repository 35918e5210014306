/** readTiff() against the shared files, golden scans, and files written tag by tag. @module */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { sharedData } from "../tests/shared_data.ts";
import { FileTooLarge, MalformedFile, UnsupportedFile } from "./errors.ts";
import { readTiff } from "./tiff.ts";
import { deflated, lzwOfLiterals, type ReferenceTiff, referenceTiff } from "./tiff_reference.ts";

/** Columns of the table in the shared README: width, height, samples, array, first pixel, min, max, mean. */
type Expected = readonly [number, number, number, string, readonly number[], number, number, number];

const expected: Readonly<Record<string, Expected>> = {
  "seq_3c_32f.tiff": [16, 16, 3, "Float32Array", [0, 0.001303781, 0.002607562], 0, 1, 0.5],
  "seq_3c_64f.tiff": [16, 16, 3, "Float64Array", [0, 0.001303781, 0.002607562], 0, 1, 0.5],
  "seq_1c_32f.tiff": [16, 16, 1, "Float32Array", [0], 0, 1, 0.5],
  "seq_1c_32f_deflate_fpredict.tiff": [16, 16, 1, "Float32Array", [0], 0, 1, 0.5],
  "seq_1c_64f_deflate_fpredict.tiff": [16, 16, 1, "Float64Array", [0], 0, 1, 0.5],
  "predictor3_rgb_f32.tif": [200, 200, 3, "Float32Array", [0.2078584, 0.07058823, 0.4156862], 0.07058823, 1, 0.4500548],
  "gradient_3c_32f.tiff": [256, 1, 3, "Float32Array", [0.9996226, 0.002860446, 0.06293321], 0.002860446, 1, 0.6156776],
  "gradient_1c_32u.tiff": [256, 1, 1, "Uint32Array", [3837672], 3837672, 4287516159, 2148019194.4804688],
  "fp16.tiff": [16, 16, 1, "Float32Array", [1], 0.3847656, 1, 0.8338881],
  "seq_1c_16b_deflate.tiff": [16, 16, 1, "Uint16Array", [0], 0, 255, 127.5],
  "seq_1c_i16.tiff": [16, 16, 1, "Int16Array", [-128], -128, 127, -0.5],
  "seq_1c_16b_bigendian.tiff": [16, 16, 1, "Uint16Array", [0], 0, 255, 127.5],
  "seq_3c_16b_bigtiff.tiff": [16, 16, 3, "Uint16Array", [0, 1, 2], 0, 767, 383.5],
  "bigtiff_motorola.tif": [64, 64, 3, "Uint8Array", [255, 0, 0], 0, 255, 66.7251],
  "seq_1c_8b_tiled_deflate.tiff": [16, 16, 1, "Uint8Array", [0], 0, 255, 127.5],
  "seq_1c_8b_lzw_hpredict.tiff": [16, 16, 1, "Uint8Array", [0], 0, 255, 127.5],
  "seq_1c_8b_packbits.tiff": [16, 16, 1, "Uint8Array", [0], 0, 255, 127.5],
  "seq_1c_8b_multipage.tiff": [16, 16, 1, "Uint8Array", [0], 0, 255, 127.5],
  "flower_planar_32u.tif": [73, 43, 3, "Uint32Array", [1489786731, 1487293910, 1198600246], 0, 4294967295, 1.474371e9],
  "pdal_float32.tif": [20, 20, 1, "Float32Array", [107], 74, 255, 126.765],
  "pdal_float64.tif": [20, 20, 1, "Float64Array", [107], 74, 255, 126.765],
  "float64_predictor2_be_lzw.tif": [20, 20, 1, "Float64Array", [107], 74, 255, 126.765],
  "deflate_last_strip_extra_data.tiff": [500, 500, 1, "Uint8Array", [107], 16, 255, 156.9151],
  "subifd_chain.tif": [1024, 512, 1, "Uint8Array", [220], 220, 220, 220],
  "bad_ifd_loop_to_first.tif": [1, 1, 1, "Uint8Array", [107], 107, 107, 107],
  "bad_ifd_loop_to_self.tif": [20, 20, 1, "Uint8Array", [107], 74, 255, 126.765],
  "bad_ifd_loop_subifd.tif": [1, 1, 3, "Uint8Array", [0, 127, 255], 0, 255, 127.3333],
};

const refused = {
  "planar_3c_10b.tiff": /10-bit/,
  "bad_divide_by_zero_12.tiff": /ImageLength \(257\) is 0/,
  "bad_divide_by_zero_36.tiff": /ImageLength \(257\) is 0/,
  "bad_oom_0.tiff": /LogLuv/,
  "bad_oom_42.tiff": /ImageWidth \(256\) has type 1/,
  "bad_colormap_shl_overflow.tiff": /83-bit/,
  "bad_truncated_inf_loop_32.tiff": /StripOffsets \(273\) puts block 0 at bytes 23 to 1073741848/,
};

const folder = sharedData("data/formats/tiff");

for (const [name, [width, height, samples, array, first, least, most, mean]] of Object.entries(expected)) {
  Deno.test({
    name: `readTiff() reads ${name}`,
    ignore: !folder,
    fn: async () => {
      const found = await readTiff(await Deno.readFile(`${folder}/${name}`)), { values } = found;
      deepStrictEqual([found.width, found.height, found.samples, values.constructor.name], [
        width,
        height,
        samples,
        array,
      ]);
      strictEqual(values.length, width * height * samples);
      const close = (got: number, want: number) =>
        // the table has 7 digits
        ok(Math.abs(got - want) <= 1e-6 * Math.max(Math.abs(want), 1e-3), `${got}, not ${want}`);
      first.forEach((want, i) => close(values[i], want));
      const numbers = Array.from(values);
      close(numbers.reduce((a, b) => Math.min(a, b)), least);
      close(numbers.reduce((a, b) => Math.max(a, b)), most);
      close(numbers.reduce((a, b) => a + b, 0) / numbers.length, mean);
    },
  });
}

for (const [name, message] of Object.entries(refused)) {
  Deno.test({
    name: `readTiff() refuses ${name}`,
    ignore: !folder,
    fn: async () => {
      const bytes = await Deno.readFile(`${folder}/${name}`);
      await rejects(
        readTiff(bytes),
        (e) => (e instanceof MalformedFile || e instanceof UnsupportedFile) && message.test(e.message),
      );
    },
  });
}

Deno.test({
  name: "the tables of this test name every TIFF of the shared folder",
  ignore: !folder,
  fn: () => {
    const files = [...Deno.readDirSync(folder!)].map(({ name }) => name).sort();
    deepStrictEqual(files, [...Object.keys(expected), ...Object.keys(refused)].sort());
  },
});

const scans = {
  "train/good/xyz/000.tiff": "540482e84457d6e163fe35703996b1dc76d08d7ebdc2a9e01a8b944b48982335",
  "test/bent/xyz/005.tiff": "80e9fae0bf6ce23441997e652e9b5ba822b884f2da770689003792db62671b51",
  "test/hole/xyz/008.tiff": "0ad0c5c966c91c39fb907fef9b004b341356a9fa5492ef4e3aa628eec21fc00c",
  "train/good/xyz/006.tiff": "34dd9675c5913a5ce57a93af6d082d5825c2947f4e3ad798df18d8bb1334579c",
};
for (const [name, digest] of Object.entries(scans)) {
  const path = sharedData(`data/mvtec3d/cable_gland/${name}`);
  Deno.test({
    name: `readTiff() gives the golden bytes of ${name}`,
    ignore: !path,
    fn: async () => {
      const { values, width, height, samples } = await readTiff(await Deno.readFile(path!));
      deepStrictEqual([width, height, samples], [400, 400, 3]);
      strictEqual(
        new Uint8Array(await crypto.subtle.digest("SHA-256", values as Float32Array<ArrayBuffer>)).toHex(),
        digest,
      );
    },
  });
}

/** 5 × 4 pixels of three float32: rows of 60 bytes. */
const floats = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i));
const rows = (first: number, last: number) => new Uint8Array(floats.slice(15 * first, 15 * last).buffer);
const plain: ReferenceTiff = {
  blocks: [rows(0, 3), rows(3, 4)],
  tags: {
    ImageWidth: [5],
    ImageLength: [4],
    BitsPerSample: [32, 32, 32],
    SamplesPerPixel: [3],
    RowsPerStrip: [3],
    SampleFormat: [3, 3, 3],
  },
};
const without = (changes: Partial<ReferenceTiff["tags"]>, more: Partial<ReferenceTiff> = {}) =>
  referenceTiff({ ...plain, ...more, tags: { ...plain.tags, ...changes } });

Deno.test("readTiff() takes the defaults of TIFF 6.0 for what is absent", async () => {
  const read = await readTiff(without({}));
  deepStrictEqual([read.values, read.kind], [floats, "float"]);
  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6);
  const least = referenceTiff({ blocks: [bytes], tags: { ImageWidth: [3], ImageLength: [2], BitsPerSample: [8] } });
  deepStrictEqual(await readTiff(least), { width: 3, height: 2, samples: 1, kind: "uint", values: bytes });
});

Deno.test("readTiff() takes strips in any order, and SHORT, LONG or LONG8 numbers", async () => {
  for (const type of [3, 4, 16]) {
    const bytes = without({
      StripOffsets: { type, numbers: [68, 8] },
      StripByteCounts: { type, numbers: [180, 60] },
      RowsPerStrip: { type, numbers: [3] },
    }, { blocks: [rows(3, 4), rows(0, 3)] });
    deepStrictEqual((await readTiff(bytes)).values, floats);
  }
});

Deno.test("readTiff() reads tiles that reach beyond the image, in separate planes, big-endian BigTIFF", async () => {
  const tile = (sample: number, x: number, y: number) => {
    const block = new Uint8Array(4 * 3 * 4), view = new DataView(block.buffer);
    for (let r = 0; r < 3; r++) {
      for (let c = 0; c < 4; c++) {
        const inside = x + c < 5 && y + r < 4;
        view.setFloat32(4 * (4 * r + c), inside ? floats[3 * (5 * (y + r) + x + c) + sample] : 99);
      }
    }
    return block;
  };
  const corners = [[0, 0], [4, 0], [0, 3], [4, 3]];
  const bytes = without({ RowsPerStrip: undefined, TileWidth: [4], TileLength: [3], PlanarConfiguration: [2] }, {
    bigEndian: true,
    bigTiff: true,
    blocks: [0, 1, 2].flatMap((sample) => corners.map(([x, y]) => tile(sample, x, y))),
  });
  deepStrictEqual((await readTiff(bytes)).values, floats);
});

Deno.test("readTiff() undoes both predictors under LZW and deflate", async () => {
  const differences = (bytes: Uint8Array<ArrayBuffer>, rowValues: number) => {
    const values = new Uint32Array(bytes.slice().buffer);
    for (let i = values.length - 1; i >= 0; i--) if (i % rowValues >= 3) values[i] -= values[i - 3];
    return new Uint8Array(values.buffer);
  };
  const planes = (bytes: Uint8Array, rowBytes: number) =>
    bytes.map((_, i) => {
      const row = i - i % rowBytes,
        byte = (j: number) => bytes[row + j % (rowBytes / 4) * 4 + 3 - Math.floor(j / (rowBytes / 4))];
      const at = i % rowBytes;
      return byte(at) - (at >= 3 ? byte(at - 3) : 0);
    });
  for (const [predictor, predict] of [[2, differences], [3, planes]] as const) {
    const strips = [rows(0, 3), rows(3, 4)].map((strip) => predict(strip, predictor === 2 ? 15 : 60));
    const lzw = without({ Compression: [5], Predictor: [predictor] }, { blocks: strips.map(lzwOfLiterals) });
    deepStrictEqual((await readTiff(lzw)).values, floats);
    const blocks = await Promise.all(strips.map((strip) => deflated(strip)));
    deepStrictEqual((await readTiff(without({ Compression: [8], Predictor: [predictor] }, { blocks }))).values, floats);
  }
});

Deno.test("readTiff() gives 64-bit integers as float64, and refuses those that it cannot", async () => {
  const page = (value: bigint, format: number) =>
    referenceTiff({
      blocks: [new Uint8Array(BigInt64Array.of(value).buffer)],
      tags: { ImageWidth: [1], ImageLength: [1], BitsPerSample: [64], SampleFormat: [format] },
    });
  deepStrictEqual((await readTiff(page(-5n, 2))).values, Float64Array.of(-5));
  await rejects(readTiff(page(-5n, 1)), UnsupportedFile);
  await rejects(readTiff(page(2n ** 53n, 2)), /value 0 is a 64-bit integer beyond ±2\^53/);
});

const contradictions: readonly [string, Partial<ReferenceTiff["tags"]>, RegExp][] = [
  ["no width", { ImageWidth: undefined }, /ImageWidth \(256\) is missing/],
  ["two widths", { ImageWidth: [5, 5] }, /ImageWidth \(256\) has 2 values/],
  ["a width of 0", { ImageWidth: [0] }, /ImageWidth \(256\) is 0/],
  ["no rows in a strip", { RowsPerStrip: [0] }, /RowsPerStrip \(278\) is 0/],
  ["two depths for three samples", { BitsPerSample: [32, 32] }, /BitsPerSample \(258\) has 2 values/],
  ["depths that differ", { BitsPerSample: [32, 32, 16] }, /BitsPerSample \(258\) differs/],
  ["formats that differ", { SampleFormat: [3, 3, 1] }, /SampleFormat \(339\) differs/],
  ["too few offsets", { StripOffsets: [8] }, /StripOffsets \(273\) has 1 values, the image has 2 blocks/],
  ["too many lengths", { StripByteCounts: [180, 60, 60] }, /StripByteCounts \(279\) has 3 values/],
  ["no lengths", { StripByteCounts: undefined }, /StripByteCounts \(279\) is missing/],
  ["a strip behind the file", { StripOffsets: [8, 60000] }, /StripOffsets \(273\) puts block 1/],
  ["a strip that is too short", { StripByteCounts: [179, 60] }, /StripByteCounts \(279\) gives 179 bytes/],
  ["a strip that is too long", { StripByteCounts: [181, 60] }, /StripByteCounts \(279\) gives 181 bytes/],
  ["one row a strip, but two strips", { RowsPerStrip: [1] }, /has 2 values, the image has 4 blocks/],
  ["a third planar configuration", { PlanarConfiguration: [3] }, /PlanarConfiguration \(284\) is 3/],
  ["a predictor without packing", { Predictor: [2] }, /Predictor \(317\) is 2/],
  [
    "tiles beside strips",
    { TileWidth: [16], TileLength: [16], StripOffsets: [8, 188] },
    /StripOffsets \(273\) stands beside/,
  ],
  ["a tile of no length", { TileWidth: [16], TileLength: [0], RowsPerStrip: undefined }, /TileLength \(323\) is 0/],
];
for (const [name, changes, message] of contradictions) {
  Deno.test(`readTiff() refuses ${name} and names the tag`, () =>
    rejects(readTiff(without(changes)), (e) => e instanceof MalformedFile && message.test(e.message)));
}

Deno.test("readTiff() refuses what it does not decode, by name", async () => {
  const packings = {
    2: "CCITT RLE",
    4: "CCITT group 4",
    7: "JPEG",
    34887: "LERC",
    50000: "ZSTD",
    60000: "an unknown one",
  };
  for (const [number, name] of Object.entries(packings)) {
    await rejects(
      readTiff(without({ Compression: [Number(number)] })),
      new RegExp(`Compression is ${number} \\(${name}\\)`),
    );
  }
  await rejects(readTiff(without({ BitsPerSample: [1], SampleFormat: undefined })), /1-bit uint/);
  await rejects(readTiff(without({ SampleFormat: [5, 5, 5] })), /SampleFormat is 5/);
  await rejects(readTiff(without({ PhotometricInterpretation: [6] })), /YCbCr/);
});

Deno.test("readTiff() refuses more than the file can hold before it allocates", async () => {
  const long = (number: number) => ({ type: 4, numbers: [number] });
  await rejects(readTiff(without({ ImageWidth: long(2 ** 31), ImageLength: long(2 ** 31) })), FileTooLarge);
  const block = await deflated(new Uint8Array(60));
  const announced = { Compression: [8], ImageWidth: long(1000), ImageLength: long(1000), RowsPerStrip: long(1000) };
  await rejects(readTiff(without(announced, { blocks: [block] })), /StripByteCounts \(279\) gives/);
  const shared = {
    ImageLength: [400],
    RowsPerStrip: [1],
    StripOffsets: new Array(400).fill(8),
    StripByteCounts: new Array(400).fill(60),
  };
  await rejects(readTiff(without(shared)), /StripByteCounts \(279\) adds up to 24000 bytes/);
});

Deno.test("readTiff() stops a deflated strip at its size, and takes padding behind the stream", async () => {
  const tags = { Compression: [8], RowsPerStrip: [4] };
  for (const padding of [[0], [0, 0, 0, 0, 0], new Array(700).fill(7)]) {
    const padded = Uint8Array.from([...await deflated(rows(0, 4)), ...padding]);
    deepStrictEqual((await readTiff(without(tags, { blocks: [padded] }))).values, floats);
  }
  const longer = await deflated(Uint8Array.from([...rows(0, 4), ...new Array(1e6).fill(0)]));
  deepStrictEqual((await readTiff(without(tags, { blocks: [longer] }))).values, floats);
  const damaged = (await deflated(rows(0, 4))).map((byte, i, all) => i === all.length - 1 ? byte ^ 1 : byte);
  await rejects(readTiff(without(tags, { blocks: [damaged] })), /the deflate stream is damaged/);
  await rejects(readTiff(without(tags, { blocks: [await deflated(rows(0, 3))] })), /ends after 180 of 240 bytes/);
});
