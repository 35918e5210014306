/** safetensors against headers written by hand. @module */
import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { MalformedFile, UnsupportedFile, WriteRefused } from "./errors.ts";
import { firstRepeatedKey } from "./json_keys.ts";
import { readSafetensors, type TensorValues, writeSafetensors } from "./safetensors.ts";

function file(header: string, data = 8): Uint8Array {
  const json = new TextEncoder().encode(header), bytes = new Uint8Array(8 + json.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes.map((byte, i) => i < 8 + json.length ? byte : i - 8 - json.length);
}
const tensor = (begin: number, end: number, more = "") =>
  `{"dtype":"U8","shape":[${end - begin}],"data_offsets":[${begin},${end}]${more}}`;
const refused = (header: string, message: RegExp, data = 8) =>
  throws(
    () => readSafetensors(file(header, data)),
    (e) => e instanceof MalformedFile && message.test(e.message),
    header,
  );

Deno.test("readSafetensors() reads tensors that are not aligned, in any order, with metadata", () => {
  const { tensors, metadata } = readSafetensors(
    file(`{"b":{"dtype":"F32","shape":[1,1],"data_offsets":[3,7]},"a":${tensor(0, 3)},"__metadata__":{"k":"v"}} `, 7),
  );
  deepStrictEqual(metadata, { k: "v" });
  deepStrictEqual(tensors.get("a"), { shape: [3], dtype: "U8", values: Uint8Array.of(0, 1, 2) });
  deepStrictEqual(tensors.get("b"), {
    shape: [1, 1],
    dtype: "F32",
    values: new Float32Array(Uint8Array.of(3, 4, 5, 6).buffer),
  });
  deepStrictEqual(readSafetensors(file("{}", 0)), { tensors: new Map(), metadata: {} });
});

Deno.test("readSafetensors() refuses overlaps, gaps and data behind the last tensor", () => {
  refused(`{"a":${tensor(0, 5)},"b":${tensor(4, 8)}}`, /"b" overlaps/);
  refused(`{"a":${tensor(0, 3)},"b":${tensor(4, 8)}}`, /"b" leaves a gap/);
  refused(`{"a":${tensor(1, 8)}}`, /"a" leaves a gap/);
  refused(`{"a":${tensor(0, 7)}}`, /the tensors end there/);
  refused(`{"a":${tensor(0, 9)}}`, /the tensors end there/);
});

Deno.test("readSafetensors() refuses keys that stand there twice, however they are written", () => {
  refused(`{"a":${tensor(0, 4)},"a":${tensor(4, 8)}}`, /the key "a" stands there twice/);
  refused(`{"a":${tensor(0, 4)},"\\u0061":${tensor(4, 8)}}`, /the key "a" stands there twice/);
  refused(`{"a":${tensor(0, 8, ',"shape":[8]')}}`, /the key "shape" stands there twice/);
  strictEqual(firstRepeatedKey('{"a":{"b":"a:{"},"b":["a","a",{"a":1}],"c\\\\":"\\"c"}'), undefined);
});

Deno.test("readSafetensors() refuses headers that are none", () => {
  throws(() => readSafetensors(new Uint8Array(7)), MalformedFile);
  const long = new Uint8Array(16).fill(255, 0, 8);
  throws(() => readSafetensors(long), /at most 8 are possible/);
  for (
    const header of [
      "",
      "[]",
      "null",
      "1",
      "{",
      '{"a":1}',
      '{"a":[]}',
      '{"__metadata__":{"a":1}}',
      '{"__metadata__":[]}',
    ]
  ) {
    refused(header, /./, 0);
  }
  for (const shape of ["[-1]", "[1.5]", "[9007199254740993]", '["1"]', "{}", "[9]", "[1e308,1e308]"]) {
    refused(`{"a":{"dtype":"U8","shape":${shape},"data_offsets":[0,8]}}`, /./);
  }
  for (const offsets of ["[8,0]", "[0]", "[0,8,8]", "[-1,7]", "null"]) {
    refused(`{"a":{"dtype":"U8","shape":[8],"data_offsets":${offsets}}}`, /data_offsets/);
  }
  refused(`{"a":${tensor(0, 8, ',"more":1')}}`, /unknown key "more"/);
  refused('{"a":{"shape":[8],"data_offsets":[0,8]}}', /no dtype/);
});

Deno.test("readSafetensors() refuses other types by name", () => {
  for (const dtype of ["F16", "BF16", "I64", "BOOL", "toString"]) {
    throws(
      () => readSafetensors(file(`{"a":{"dtype":"${dtype}","shape":[4],"data_offsets":[0,8]}}`)),
      (e) => e instanceof UnsupportedFile && e.message.includes(dtype),
    );
  }
});

Deno.test("readSafetensors() takes __proto__ for a name like any other", () => {
  deepStrictEqual([...readSafetensors(file(`{"__proto__":${tensor(0, 8)}}`)).tensors.keys()], ["__proto__"]);
});

Deno.test("writeSafetensors() is read back bit by bit, aligned, and the same in any order", () => {
  const arrays = fc.constantFrom(Float32Array, Float64Array, Int32Array, Uint32Array, Uint8Array);
  const values: fc.Arbitrary<TensorValues> = fc.tuple(arrays, fc.array(fc.nat(255), { maxLength: 9 })).map((
    [array, list],
  ) =>
    new array(
      Uint8Array.from(list.flatMap((n) => [n, 1, 2, n, 0, 0, n, 64]).slice(0, list.length * array.BYTES_PER_ELEMENT))
        .buffer,
    )
  );
  const name = fc.string({ unit: "binary" }).filter((text) => text !== "__metadata__" && text.isWellFormed());
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(name, values), { selector: ([key]) => key, maxLength: 6 }),
      fc.dictionary(fc.string(), fc.string()),
      (list, metadata) => {
        const tensors = list.map(([key, values]) => [key, { shape: [values.length, 1], values }] as const);
        const bytes = writeSafetensors(new Map(tensors), metadata), read = readSafetensors(bytes);
        deepStrictEqual(bytes, writeSafetensors(new Map(tensors.toReversed()), metadata));
        deepStrictEqual(
          new Map([...read.tensors].map(([key, { shape, values }]) => [key, { shape, values }])),
          new Map(tensors),
        );
        deepStrictEqual({ ...read.metadata }, { ...metadata });
        strictEqual(new DataView(bytes.buffer).getUint32(0, true) % 8, 0);
      },
    ),
    { numRuns: 100 },
  );
});

Deno.test("writeSafetensors() refuses what the format cannot hold", () => {
  throws(() => writeSafetensors(new Map([["a", { shape: [2], values: Uint8Array.of(1) }]])), WriteRefused);
  throws(() => writeSafetensors(new Map([["__metadata__", { shape: [1], values: Uint8Array.of(1) }]])), WriteRefused);
  const half = new Int16Array(1) as unknown as Uint8Array;
  throws(() => writeSafetensors(new Map([["a", { shape: [1], values: half }]])), WriteRefused);
});
