/** Ids that sort as they were given, whatever the clock does. @module */
import type { Connection } from "./connection.ts";

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford's base 32: none that is read as another one
const LENGTH = 26;
const RANDOM_BITS = 80n;
const LARGEST = (1n << 128n) - 1n;

/** Gives ids. */
export interface Ids {
  /** The next one; call it in the transaction that keeps what bears the id, so that a restart goes on behind it. */
  next(): string;
}

/**
 * The id behind `last` in the form of a ULID: 48 bits of time in milliseconds, 80 of chance. Where the clock stands still or has gone
 * back, it is `last` plus one.
 */
export function idBehind(last: string | undefined, now: number, random: bigint): string {
  const time = BigInt(Math.max(0, Math.floor(now)));
  const wanted = (time << RANDOM_BITS) | BigInt.asUintN(Number(RANDOM_BITS), random);
  const least = last === undefined ? 0n : decode(last) + 1n;
  const id = wanted > least ? wanted : least;
  if (id > LARGEST) throw new RangeError(`No id is left behind ${last} at ${now} ms`);
  return encode(id);
}

/** Ids of a store, which keeps the last one. */
export function openIds(connection: Connection, now: () => number): Ids {
  const last = connection.prepare<{ id: string }>("SELECT id FROM last_id");
  const keep = connection.prepare("INSERT INTO last_id (one, id) VALUES (1, $id) ON CONFLICT DO UPDATE SET id = $id");
  const chance = new BigUint64Array(2);
  return {
    next: () =>
      connection.write(() => {
        crypto.getRandomValues(chance);
        const id = idBehind(last.get()?.id, now(), (chance[0] << 64n) | chance[1]);
        keep.run({ id });
        return id;
      }),
  };
}

function encode(id: bigint): string {
  let text = "";
  for (let rest = id; text.length < LENGTH; rest >>= 5n) text = DIGITS[Number(rest & 31n)] + text;
  return text;
}

const decode = (text: string): bigint => [...text].reduce((id, digit) => id << 5n | BigInt(DIGITS.indexOf(digit)), 0n);
