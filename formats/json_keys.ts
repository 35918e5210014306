/** What `JSON.parse` hides: keys that stand twice in one object. @module */

const token = /"(?:[^"\\]|\\.)*"|[{}:]/g;

/** The first key that an object of this JSON text has twice, at any depth. `text` must be valid JSON. */
export function firstRepeatedKey(text: string): string | undefined {
  const open: Set<string>[] = [];
  let last = "";
  for (const [found] of text.matchAll(token)) {
    if (found === "{") open.push(new Set());
    else if (found === "}") open.pop();
    else if (found !== ":") last = found;
    else {
      const key: string = JSON.parse(last); // "a" and "\u0061" are the same key
      if (open.at(-1)!.has(key)) return key;
      open.at(-1)!.add(key);
    }
  }
}
