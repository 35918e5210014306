/** Code in Markdown, so that what the documents say can be tried. @module */

/** One fenced block. */
export interface CodeBlock {
  /** Line of its first line of code, from 1. */
  readonly line: number;
  /** What stands behind the fence, such as `ts run`. */
  readonly info: string;
  readonly code: string;
}

/** The fenced blocks of a Markdown text, in order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [], lines = markdown.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const [, fence, info] = /^ {0,3}(`{3,})(.*)$/.exec(lines[i]) ?? [];
    if (fence === undefined) continue;
    const start = i + 1;
    for (i = start; i < lines.length && lines[i].trim() !== fence;) i++;
    blocks.push({ line: start + 1, info: info.trim(), code: lines.slice(start, i).join("\n") + "\n" });
  }
  return blocks;
}

/** Names of the tasks that shell lines call with `deno task NAME`. */
export function tasksIn(blocks: readonly CodeBlock[]): string[] {
  const shell = blocks.filter(({ info }) => /^(sh|bash|shell|console)?$/.test(info)).map(({ code }) => code).join("\n");
  return [...new Set([...shell.matchAll(/\bdeno(?:@[\d.]+)? task ([a-z][\w-]*)/g)].map(([, name]) => name))];
}
