import { deepEqual, ok } from "node:assert/strict";
import { randomStream } from "../../core/mod.ts";
import { generatorShapes } from "./generator.ts";
import { initialValues } from "./initial_values.ts";
import { smallSize } from "./sizes.ts";

Deno.test("initialValues() follows PyTorch's rules, layers of two matrices taken as one", () => {
  const values = initialValues(generatorShapes(smallSize.generator), randomStream(1, "test"));
  const most = (name: string) => values.get(name)!.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (
    const [name, inputs] of [["head1.point", 67], ["head1.latent", 67], ["head1.bias", 67], ["edge2.out.weight", 640], [
      "t1.point",
      320,
    ], ["t1.bias", 320]] as const
  ) {
    const bound = 1 / Math.sqrt(inputs);
    ok(most(name) <= bound && most(name) > 0.9 * bound, `${name}: ${most(name)}, at most ${bound}`);
  }
  const style = values.get("ad1.style.weight")!,
    mean = style.reduce((sum, value) => sum + value ** 2, 0) / style.length;
  ok(mean > 0.9 && mean < 1.1, `variance ${mean}`);
  const half = smallSize.generator.edges[0];
  deepEqual([...values.get("ad1.style.bias")!], [...Array(half).fill(1), ...Array(half).fill(0)]);
  deepEqual([...values.get("ng1.running")!], [...Array(64).fill(0), ...Array(64).fill(1)]);
  deepEqual([...new Set(values.get("edge1.nw2.weight"))], [1]);
  deepEqual([...new Set(values.get("edge1.nw2.bias"))], [0]);
});
