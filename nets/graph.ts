/** Graphs of neighbours that edge layers look along. @module */
import { featureNeighbours, type GpuBuffer, type InverseNeighbours, inverseNeighbours } from "../kernels/mod.ts";
import type { Tape, Tensor } from "./tape.ts";

/** Which rows are each row's neighbours. No gradient flows through the choice. */
export interface Graph {
  /** Rows × k: their numbers, nearest first. */
  readonly neighbours: GpuBuffer<"u32">;
  /** Neighbours of a row. */
  readonly k: number;
  /** Which edges end at each row; needed on the way back alone. */
  readonly inverse: () => InverseNeighbours;
}

/** A graph that is known, of so many rows; the tape owns what is made of it, `neighbours` stay their owner's. */
export function knownGraph(tape: Tape, neighbours: GpuBuffer<"u32">, rows: number): Graph {
  let found: InverseNeighbours | undefined;
  const inverse = () => found ??= tape.keep(inverseNeighbours(tape.gpu, { neighbours, rows }));
  return { neighbours, k: neighbours.length / rows, inverse };
}

/** The k nearest rows of the same cloud, in the space of the rows' features. */
export function featureGraph(tape: Tape, { rows }: Tensor, clouds: number, k: number): Graph {
  return knownGraph(tape, tape.keep(featureNeighbours(tape.gpu, { rows, clouds, k })), rows.count);
}
