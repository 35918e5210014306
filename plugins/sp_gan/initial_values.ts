/** What parameters are before the first step: PyTorch's rules, which the published code leaves as they are but for the styles. @module */
import type { RandomStream } from "../../core/mod.ts";
import type { ParameterShape, ParameterValues } from "../../nets/mod.ts";

/**
 * Layers: uniform within ±1/√inputs, weights and biases, a layer kept in two matrices taken as one. Styles: weights N(0, 1), γ 1, β 0.
 * Batch norms: weight 1, bias 0, running mean 0 and variance 1.
 */
export function initialValues(shapes: readonly ParameterShape[], random: RandomStream): ParameterValues {
  const layerOf = (name: string) => name.slice(0, name.lastIndexOf("."));
  const inputs = new Map<string, number>(), norms = new Set<string>();
  for (const { name, columns } of shapes) {
    if (name.endsWith(".running")) norms.add(layerOf(name));
    else if (!name.endsWith(".bias")) inputs.set(layerOf(name), (inputs.get(layerOf(name)) ?? 0) + columns);
  }
  return new Map(shapes.map(({ name, rows, columns }) => {
    const layer = layerOf(name), kind = name.slice(layer.length + 1);
    const bound = 1 / Math.sqrt(inputs.get(layer) ?? 1), isStyle = layer.endsWith(".style");
    const value = (i: number): number => {
      if (kind === "running") return i < columns ? 0 : 1;
      if (norms.has(layer)) return kind === "weight" ? 1 : 0;
      if (isStyle) return kind === "bias" ? (i < columns / 2 ? 1 : 0) : random.normal();
      return bound * (2 * random.uniform() - 1);
    };
    return [name, Float32Array.from({ length: rows * columns }, (_, i) => value(i))];
  }));
}
