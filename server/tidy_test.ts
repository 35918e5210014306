import { deepEqual, equal, match } from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { temporaryFolder } from "../tests/run_deno.ts";
import { StoreUnwritable } from "./errors.ts";
import { sampleResult } from "../tests/sample_document.ts";
import { openStore, type Store } from "./store/store.ts";
import { keepTidy } from "./tidy.ts";

/** A store with so many results, and what is said of it. */
function open(results: number) {
  const folder = temporaryFolder(), store = openStore(`${folder.path}/s.sqlite`), said: string[] = [];
  store.together(() => {
    for (let i = 0; i < results; i++) store.results.add(sampleResult({ input: String(i) }));
  });
  const say = (words: string) => void said.push(words);
  const log = { debug: say, info: say, warn: say };
  const left = () => [...store.results.rows({})].map(({ input }) => Number(input));
  const close = () => {
    store[Symbol.dispose]();
    folder[Symbol.dispose]();
  };
  return { store, said, log, left, [Symbol.dispose]: close };
}

Deno.test("what is past its count goes, some at a time, and nothing goes where no bound is set", async () => {
  using opened = open(350);
  const { store, log, left } = opened;
  keepTidy(store, {}, log)[Symbol.dispose]();
  equal(left().length, 350);
  using _tidy = keepTidy(store, { count: 5 }, log);
  equal(left().length, 250, "requests come in between");
  while (left().length > 5) await delay(1);
  deepEqual(left(), [345, 346, 347, 348, 349]);
});

Deno.test("a store that cannot be written is left for later, aloud", () => {
  using opened = open(3);
  const { store, said, log, left } = opened;
  const keepOnly = () => {
    throw new StoreUnwritable("s.sqlite", "database or disk is full");
  };
  const full: Store = { ...store, results: { ...store.results, keepOnly } };
  keepTidy(full, { count: 1 }, log)[Symbol.dispose]();
  equal(left().length, 3);
  match(said.join(), /not tidied up: .*full/);
});

Deno.test("nothing is removed once it is disposed of", async () => {
  using opened = open(150);
  keepTidy(opened.store, { count: 5 }, opened.log)[Symbol.dispose]();
  await delay(10);
  equal(opened.left().length, 50);
});
