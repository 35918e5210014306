import { equal, ok } from "node:assert/strict";
import { Adam, createParameters, featureGraph, Tape } from "../../nets/mod.ts";
import { errorOf, goldenArray, goldenIsThere } from "../../tests/golden_arrays.ts";
import { goldenDiscriminator, goldenGenerator, rowsOf } from "../../tests/golden_networks.ts";
import { valuesOf } from "../../tests/norm_reference.ts";
import { gpuTest } from "../../testing/mod.ts";
import { ballNeighbours, uploadBall } from "./ball.ts";
import { inversionGradients, scanScore, shapeOf } from "./inversion_step.ts";
import { inversionPresets } from "./inversion_presets.ts";

for (const [preset, start] of [["reference", "z_point"], ["paper", "z_shared"], ["feature", "z_shared"]] as const) {
  const name = preset === "feature" ? "masked" : preset;
  gpuTest(`ten steps of preset ${preset} equal the golden inversion`, async (gpu) => {
    const at = (name: string) => goldenArray(`inversion/${name}`);
    const { widths, parameters: generator } = goldenGenerator(gpu, "inversion/generator");
    using _generator = generator, discriminator = goldenDiscriminator(gpu, "inversion/discriminator").parameters;
    const points = Float64Array.from(Array.from(at("ball").values)), z = at(start), { latent, k } = widths;
    using ball = uploadBall(gpu, points, ballNeighbours(points, k), 1);
    using scan = rowsOf(gpu, { values: at("scan").values, columns: 3 });
    using latents = createParameters(gpu, [{ name: "latents", rows: z.values.length / latent, columns: latent }]);
    latents.set(new Map([["latents", Float32Array.from(z.values)]]));
    using latentAdam = new Adam(gpu, latents), weightAdam = new Adam(gpu, generator);
    const { terms } = inversionPresets[preset],
      goal = terms.score?.goal !== "scan" ? 1 : await scanScore(gpu, discriminator, scan);
    const wanted = Array.from(at(`${name}_losses`).values), columns = 6;
    equal(wanted.length, 60);
    for (let step = 0; step < 10; step++) {
      using losses = gpu.zeros("f32", 3);
      const before = (await latents.read()).get("latents")!;
      inversionGradients(gpu, { generator, discriminator, latents, k, ball, scan, losses }, terms, goal);
      const prior = terms.latent * before.reduce((sum, value) => sum + value * value / 2, 0) / before.length;
      const got = [...await gpu.read(losses), prior], want = wanted.slice(step * columns, step * columns + 5);
      const error = errorOf([got.reduce((sum, value) => sum + value, 0), ...got], want);
      ok(error <= 2e-5, `losses of step ${step + 1}: ${error}; ${got}, not ${want.slice(1)}`);
      latentAdam.step({ rate: 2e-3, beta1: 0, beta2: 0.99 });
      weightAdam.step({ rate: 1e-4, beta1: 0.5, beta2: 0.99 });
    }
    ok(errorOf((await latents.read()).get("latents")!, at(`${name}_z`).values) <= 1e-4, "latent");
    using tape = new Tape(gpu, false);
    const { value } = latents.get("latents");
    const out = shapeOf(tape, generator.frozen(), ball, tape.constant(value), (x) => featureGraph(tape, x, 1, k));
    const error = errorOf(await valuesOf(gpu, out.rows), turned(at(`${name}_out`)));
    ok(error <= 1e-4, `shape: ${error}`);
  }, { ignore: !goldenIsThere });
}

/** `[1, 3, N]`, or `[N, 3]` as it is, to N rows of three. */
function turned({ shape, values }: { readonly shape: readonly number[]; readonly values: ArrayLike<number> }) {
  if (shape.at(-1) === 3) return values;
  const count = shape.at(-1)!;
  return Float32Array.from({ length: 3 * count }, (_, i) => values[i % 3 * count + Math.floor(i / 3)]);
}
