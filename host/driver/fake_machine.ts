/** A machine of which tests decide what it has and what its commands answer. @module */
import type { CommandOptions, CommandResult, Machine } from "./machine.ts";

/** What a {@linkcode fakeMachine} is made of, and what was done with it. */
export interface FakeMachine extends Machine {
  /** Each command with its arguments, in order. */
  readonly commands: string[];
  /** Libraries that were loaded, in order. */
  readonly loaded: string[];
  readonly variables: Map<string, string>;
}

/** A bare Linux on x64 without commands; `answer` plays the commands, `adapter` says what a probe finds at that moment. */
export function fakeMachine(
  { answer = () => ({}), adapter = () => undefined, loads = () => true, has = [], variables = {}, ...rest }:
    & Partial<Pick<Machine, "os" | "arch" | "root" | "temporaryFolder">>
    & {
      answer?: (command: string, args: readonly string[], options: CommandOptions) => Partial<CommandResult>;
      adapter?: (machine: FakeMachine) => string | undefined;
      loads?: (library: string) => boolean;
      has?: readonly string[];
      variables?: Record<string, string>;
    },
): FakeMachine {
  const commands: string[] = [], loaded: string[] = [], known = new Map(Object.entries(variables));
  const machine: FakeMachine = {
    os: "linux",
    arch: "x86_64",
    root: false,
    temporaryFolder: "/tmp",
    deno: "deno",
    ...rest,
    commands,
    loaded,
    variables: known,
    env: (name) => known.get(name),
    setEnv: (name, value) => void known.set(name, value),
    hasCommand: (name) => has.includes(name),
    run: (command, args, options = {}) => {
      commands.push([command, ...args].join(" "));
      return Promise.resolve({ ok: true, stdout: "", stderr: "", ...answer(command, args, options) });
    },
    load: (library) => {
      if (!loads(library)) return `no ${library}`;
      loaded.push(library);
      return undefined;
    },
    probe: () => Promise.resolve(adapter(machine)),
  };
  return machine;
}
