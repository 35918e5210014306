/** The verb `import-sp-gan`, from the command line to the file. */
import { deepEqual, equal, match } from "node:assert/strict";
import { readTensorFile } from "../core/mod.ts";
import { writeSafetensors } from "../formats/mod.ts";
import { diskStorage, type ImportDocument } from "../host/mod.ts";
import {
  discriminatorNames,
  generatorNames,
  importDiscriminator,
  importGenerator,
  type PublishedTensor,
} from "../plugins/sp_gan/published_weights.ts";
import { loadGenerator } from "../plugins/sp_gan/trained_generator.ts";
import { commandLine } from "./command_line.ts";
import { goldenIsThere } from "./golden_arrays.ts";
import { publishedTensors } from "./golden_networks.ts";
import { type TemporaryFolder, temporaryFolder } from "./run_deno.ts";

type Tensors = Map<string, PublishedTensor>;

function test(name: string, run: (folder: TemporaryFolder) => Promise<void>) {
  const fn = async () => {
    using folder = temporaryFolder();
    await run(folder);
  };
  Deno.test({ name, ignore: !goldenIsThere, fn });
}

const generatorTensors = () => publishedTensors("generator_small/weights", generatorNames);
const discriminatorTensors = () => publishedTensors("discriminator_small/weights", discriminatorNames);

/** As `save_file()` of safetensors would write them. */
const bytesOf = (tensors: Tensors) =>
  writeSafetensors(
    new Map([...tensors].map(([name, { shape, values }]) => [name, { shape, values: Float32Array.from(values) }])),
  );

/** Writes the file and imports it. */
function imported(folder: TemporaryFolder, bytes: Uint8Array, args: readonly string[] = []) {
  const file = `${folder.path}/G.safetensors`;
  Deno.writeFileSync(file, bytes);
  return commandLine(["import-sp-gan", `--generator=${file}`, `--model=${folder.path}/model`, ...args]);
}

const openedIn = async ({ path }: TemporaryFolder) =>
  loadGenerator(await readTensorFile(diskStorage(`${path}/model`), "generator.safetensors"));

test("import-sp-gan brings both networks, and says how wide they are", async (folder) => {
  const file = `${folder.path}/D.safetensors`, args = [`--discriminator=${file}`, "--points=512", "--json"];
  Deno.writeFileSync(file, bytesOf(discriminatorTensors()));
  const { code, stdout, stderr } = await imported(folder, bytesOf(generatorTensors()), args);
  equal(code, 0, stderr);
  const document: ImportDocument = JSON.parse(stdout),
    { generator, discriminator, latents, learned, frame, size } = await openedIn(folder);
  const wanted = {
    generator: importGenerator(generatorTensors()),
    discriminator: importDiscriminator(discriminatorTensors()),
  };
  deepEqual(size, { points: 512, generator: wanted.generator.widths });
  deepEqual(generator, wanted.generator.values);
  deepEqual(discriminator, wanted.discriminator);
  deepEqual([latents.length, learned, frame], [0, [], undefined]);
  deepEqual([document.schema, document.points, document.files], [
    "uni3dad.import-sp-gan/1",
    512,
    ["generator.safetensors"],
  ]);
  const parameters = (tensors: Tensors) =>
    [...tensors].filter(([name]) => !name.includes(".running_")).reduce(
      (sum, [, { values }]) => sum + values.length,
      0,
    );
  deepEqual(document.generator, { widths: wanted.generator.widths, parameters: parameters(generatorTensors()) });
  deepEqual(document.discriminator, {
    widths: wanted.discriminator.widths,
    parameters: parameters(discriminatorTensors()),
  });
});

test("import-sp-gan takes a generator alone, replaces an earlier import, and no training", async (folder) => {
  const parallel = new Map([...generatorTensors()].map(([name, tensor]) => [`module.${name}`, tensor]));
  for (const tensors of [generatorTensors(), parallel]) {
    const { code, stdout, stderr } = await imported(folder, bytesOf(tensors));
    equal(code, 0, stderr);
    match(
      stdout,
      /shapes of 4096 points\ngenerator: \d+ parameters; latent 8, k 4, style 16, edges 8 16, .*\nno discriminator/,
    );
    const { generator, discriminator } = await openedIn(folder);
    deepEqual([generator, discriminator], [importGenerator(generatorTensors()).values, undefined]);
  }
  const withOptions = publishedTensors("generator_small_head_attn/weights", generatorNames);
  const { code, stdout, stderr } = await imported(folder, bytesOf(withOptions));
  equal(code, 0, stderr);
  match(stdout, /head 8 16, attention 6 24/);
  const opened = await openedIn(folder), { widths, values } = importGenerator(withOptions);
  deepEqual([opened.generator, opened.size.generator], [values, widths]);
  Deno.mkdirSync(`${folder.path}/model/1`);
  for (const name of ["1/training.json", "training.json"]) {
    const file = `${folder.path}/model/${name}`;
    Deno.writeTextFileSync(file, "{}");
    const { code, stderr } = await imported(folder, bytesOf(generatorTensors()));
    equal(code, 2);
    match(stderr, /a training lies there.*\[output-unwritable\]/);
    Deno.removeSync(file);
  }
});

/** A file's tensors with one of them changed, or left out where `to` gives none. */
function changed(name: string, to: (tensor: PublishedTensor) => PublishedTensor | undefined): Tensors {
  const tensors = generatorTensors(), other = to(tensors.get(name)!);
  tensors.delete(name);
  if (other) tensors.set(name, other);
  return tensors;
}

test("import-sp-gan refuses what is no such network, and writes nothing", async (folder) => {
  const whole = bytesOf(generatorTensors()), text = new TextDecoder("latin1").decode(whole);
  const asHalf = Uint8Array.from(text.replace(/"F32"/, '"F16"'), (letter) => letter.charCodeAt(0));
  const flat = (tensor: PublishedTensor) => ({ shape: [tensor.values.length], values: tensor.values });
  const withAll = (more: Tensors) => bytesOf(new Map([...generatorTensors(), ...more]));
  const one: PublishedTensor = { shape: [1], values: [0] };
  const cases: readonly (readonly [Uint8Array, RegExp])[] = [
    [whole.subarray(0, whole.length - 4), /the tensors end|needs|file/],
    [whole.subarray(0, 5), /5 bytes/],
    [new TextEncoder().encode("PK\u0003\u0004 a file of PyTorch's own"), /header has/],
    [asHalf, /F16.*save them as float32/],
    [bytesOf(new Map([["weight", one]])), /no tensor head\.0\.weight/],
    [bytesOf(discriminatorTensors()), /no tensor head\.0\.weight/],
    [bytesOf(changed("tail.4.bias", () => undefined)), /no tensor tail\.4\.bias/],
    [
      bytesOf(changed("EdgeConv2.conv_w.1.running_var", () => undefined)),
      /no tensor EdgeConv2\.conv_w\.1\.running_var/,
    ],
    [
      bytesOf(changed("tail.2.weight", ({ values }) => ({ shape: [1, 2, 2], values: Array.from(values).slice(0, 4) }))),
      /fit its other/,
    ],
    [bytesOf(changed("EdgeConv1.conv_out.weight", flat)), /give no k/],
    [bytesOf(changed("head.0.weight", flat)), /give no latent/],
    [
      bytesOf(changed("tail.4.bias", ({ shape, values }) => ({ shape, values: Float32Array.from(values, () => NaN) }))),
      /t3\.bias has values that are no numbers/,
    ],
    [withAll(new Map([["pc_head.0.weight", one]])), /no tensor pc_head\.2\.weight/],
    [withAll(new Map([["attn.theta.weight", one]])), /no tensor attn\.g\.weight/],
  ];
  for (const [bytes, words] of cases) {
    const { code, stdout, stderr } = await imported(folder, bytes);
    equal(code, 2, stderr);
    match(stderr, words);
    match(stderr, /Cannot use the weights of the generator: .*\[weights-refused\]/);
    equal(stdout, "");
    deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["G.safetensors"]);
  }
  const none = await commandLine(["import-sp-gan", "--generator=none.safetensors", `--model=${folder.path}/model`]);
  deepEqual([none.code, /\[input-unreadable\]/.test(none.stderr)], [2, true]);
});
