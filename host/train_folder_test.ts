import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { existsSync } from "node:fs";
import { temporaryFolder } from "../tests/run_deno.ts";
import { TrainingRefused } from "./errors.ts";
import { isTraining, openTrainingFolder } from "./train_folder.ts";

/** Opens a folder that holds these files. */
async function opened(files: readonly string[], resume: boolean, generators = 2) {
  using folder = temporaryFolder();
  for (const file of files) {
    const path = `${folder.path}/${file}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, "{}");
  }
  const { path, parts } = await openTrainingFolder(`${folder.path}/`, { resume, generators });
  equal(path, folder.path);
  for (const part of parts) {
    equal(part.path, `${path}/${part.name}`);
    ok(existsSync(part.path), "there, so that files can be written to it");
  }
  return parts.map(({ name, kept }) => [name, kept]);
}

Deno.test("openTrainingFolder() has a folder for each generator, and bears files of others", async () => {
  const three = [["1", undefined], ["2", undefined], ["3", undefined]];
  deepEqual(await opened([], false, 3), three);
  deepEqual(await opened(["notes.txt", "1/notes.txt", "old/generator.safetensors", "4/x/losses.csv"], false, 3), three);
  deepEqual(await opened(["1/training.json"], true, 3), three, "begun, without a checkpoint: it begins anew");
  deepEqual(await opened(["2/training.json", "2/losses.csv"], true, 3), three);
});

Deno.test("openTrainingFolder() refuses a training that isn't to be gone on with, and files that would be lost", async () => {
  for (
    const [files, resume, words] of [
      [["1/training.json"], false, /a training lies there; go on with it by --resume/],
      [["2/training.json", "2/losses.csv"], false, /a training lies there/],
      [["3/training.json"], false, /a training lies there/],
      [["1/losses.csv"], false, /1\/losses\.csv lies there and would be lost; name another folder/],
      [["1/training.json", "2/sheet.png"], true, /2\/sheet\.png lies there and would be lost/],
      [["10/generator.safetensors"], true, /10\/generator\.safetensors lies there and would be lost/],
      [["generator.safetensors"], false, /: generator\.safetensors lies there and would be lost/],
      [["training.json", "checkpoint.safetensors"], true, /: (training|checkpoint)\.\w+ lies there and would be lost/],
      [["1/training.json", "3/training.json"], true, /generator 3 lies there, of 2 asked for; name another folder/],
    ] as const
  ) {
    await rejects(
      opened(files, resume),
      (error: Error) => error instanceof TrainingRefused && words.test(error.message),
    );
  }
});

Deno.test("isTraining() knows a training by what is written first and last, of one generator or of several", () => {
  for (const name of ["training.json", "checkpoint.safetensors", "2/training.json", "12/checkpoint.safetensors"]) {
    ok(isTraining(["x", name]), name);
  }
  ok(!isTraining(["generator.safetensors", "1/generator.safetensors", "old/training.json", "1/2/training.json"]));
});
