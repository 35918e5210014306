/** Where scans are given: the model, the files, and what came of the last ones. @module */
/// <reference lib="dom" />
import type { Job } from "../../schemas/job_schema.ts";
import type { modelListSchema, ServedModel } from "../../schemas/model_schema.ts";
import type { ResultPage } from "../../schemas/result_schema.ts";
import type { z } from "zod";
import type { App, View } from "./app.ts";
import { errorNote, messageOf } from "./badge.ts";
import { button, el, panel } from "./dom.ts";
import { counted, megabytes, significant } from "./figures.ts";
import { resultTable } from "./result_table.ts";

type ModelList = z.output<typeof modelListSchema>;

/** The view at `#/`. */
export const inspectView: View = async (app, place, signal) => {
  const [{ models, refused }, { results }] = await Promise.all([
    app.api.get<ModelList>("/v1/models", signal),
    app.api.get<ResultPage>("/v1/results?limit=6", signal),
  ]);
  place.append(el("h1", {}, "Inspect scans"));
  for (const { name, error } of refused) {
    place.append(el("p", { class: "note" }, `The model ${name} can't be used: ${error.message}`));
  }
  place.append(models.length === 0 ? noModels() : givingScans(app, models, signal));
  place.append(panel(
    "Latest results",
    results.length === 0
      ? el(
        "p",
        { class: "quiet" },
        "No scan was scored yet. What is decided here is kept, and found again in the history.",
      )
      : resultTable(results, { withModel: true }),
    results.length > 0 && el("p", {}, el("a", { href: "#/history" }, "All results")),
  ));
  return "Inspect scans";
};

/** What to do where there is no model. */
const noModels = () =>
  panel(
    "No model yet",
    el(
      "p",
      {},
      "A model learns from scans of good parts what is normal. Fit one on the server, into a folder below its models' folder:",
    ),
    el(
      "pre",
      { tabindex: 0, role: "region", "aria-label": "Command" },
      el("code", {}, "deno task fit --data DATASET --category PRODUCT --model MODELS/PRODUCT"),
    ),
    el(
      "p",
      {},
      "DATASET holds PRODUCT/train/good/xyz/NNN.tiff, one file a scan. POST /v1/models fits one too: see the ",
      el("a", { href: "/docs" }, "API"),
      ".",
    ),
    el("p", {}, button("Look again", () => location.reload())),
  );

/** The choice of a model and the place for files. */
function givingScans(app: App, models: readonly ServedModel[], signal: AbortSignal): HTMLElement {
  const active = models.filter((model) => model.active), kept = app.choices.get("model");
  const first = active.find(({ name }) => name === kept) ?? (active.length === 1 ? active[0] : undefined);
  const about = el("p", { class: "quiet small", id: "model-about" });
  const said = el("div", { role: "status" });
  let waiting: readonly File[] = [];
  const choice = el(
    "select",
    { id: "model", "aria-describedby": "model-about" },
    !first && el("option", { value: "" }, "Choose a model"),
    ...models.map(({ name, active }) =>
      el(
        "option",
        { value: name, disabled: !active, selected: name === first?.name },
        active ? name : `${name} (inactive)`,
      )
    ),
  );
  const unit = el(
    "select",
    { id: "unit" },
    ...app.server.units.map((name) => el("option", { value: name, selected: name === app.choices.get("unit") }, name)),
  );
  const files = el("input", {
    type: "file",
    id: "files",
    class: "unseen",
    multiple: true,
    "aria-describedby": "files-about",
  });
  const take = (given: readonly File[]) => {
    waiting = given;
    if (choice.value === "") {
      said.replaceChildren(
        el("p", { class: "note" }, `${counted(given.length, "file")} chosen. Choose the model to score with.`),
      );
      choice.focus();
      return;
    }
    waiting = [];
    files.disabled = true;
    sendScans(app, { model: choice.value, unit: unit.value, files: given, said, signal }).finally(() =>
      files.disabled = false
    );
  };
  const tell = () => {
    const model = models.find(({ name }) => name === choice.value);
    about.textContent = model ? aboutModel(model) : "";
    if (model) app.choices.set("model", model.name);
    if (model && waiting.length > 0) take(waiting);
  };
  choice.addEventListener("change", tell);
  unit.addEventListener("change", () => app.choices.set("unit", unit.value));
  files.addEventListener("change", () => {
    const given = [...files.files ?? []];
    files.value = ""; // the same file may be chosen again
    if (given.length > 0) take(given);
  });
  tell();
  queueMicrotask(() => app.files.take(take, signal));
  const { scanBytes, batchScans } = app.server.limits;
  return panel(
    "Scans to score",
    el(
      "div",
      { class: "fields" },
      el("div", {}, el("label", { for: "model" }, "Model"), choice),
      el("div", {}, el("label", { for: "unit" }, "Unit of the files"), unit),
    ),
    about,
    el(
      "div",
      { class: "drop" },
      el("p", { class: "drop-words" }, "Drop scans anywhere on this page, or"),
      files,
      el("label", { for: "files", class: "button strong" }, "Choose files"),
      el(
        "p",
        { class: "quiet small", id: "files-about" },
        `xyz TIFF, NPY or NPZ, up to ${megabytes(scanBytes)} each and ${batchScans} at once`,
      ),
    ),
    said,
  );
}

function aboutModel({ method, trainScans, threshold, alpha, calibration }: ServedModel): string {
  const origin = threshold !== null
    ? `threshold ${significant(threshold)}, set by hand`
    : calibration
    ? `threshold calibrated on ${counted(calibration.scans, "normal scan")} for a false-alarm rate of ${
      100 * (alpha ?? 0.05)
    } %`
    : "no threshold: it was fitted without calibration";
  return `${method}, fitted on ${counted(trainScans, "scan")}; ${origin}.`;
}

/** What is sent, and where it is told how that goes. */
interface Sending {
  readonly model: string;
  readonly unit: string;
  readonly files: readonly File[];
  readonly said: HTMLElement;
  readonly signal: AbortSignal;
}

async function sendScans(app: App, { model, unit, files, said, signal }: Sending): Promise<void> {
  const bytes = files.reduce((sum, { size }) => sum + size, 0),
    { scanBytes, uploadBytes, batchScans } = app.server.limits;
  const tooLarge = files.filter(({ size }) => size > scanBytes).map(({ name }) => name);
  try {
    if (files.length > batchScans) {
      throw new Error(`${files.length} files are more than the ${batchScans} that go at once: choose fewer`);
    }
    if (tooLarge.length > 0) {
      throw new Error(`${tooLarge.join(", ")}: more than the ${megabytes(scanBytes)} that a scan may have`);
    }
    if (bytes > uploadBytes) {
      throw new Error(
        `${megabytes(bytes)} are more than the ${megabytes(uploadBytes)} that go at once: choose fewer files`,
      );
    }
    said.replaceChildren(
      el(
        "p",
        {},
        el("progress", { "aria-label": "Sending" }),
        ` Sending ${counted(files.length, "scan")}, ${megabytes(bytes)}…`,
      ),
    );
    const form = new FormData();
    for (const file of files) form.append("scan", file, file.name);
    const job = await app.api.send<Job>(
      "POST",
      `/v1/models/${encodeURIComponent(model)}/batches?unit=${unit}`,
      form,
      signal,
    );
    app.go({ kind: "job", id: job.id });
  } catch (error) {
    if (!signal.aborted) said.replaceChildren(errorNote(messageOf(error)));
  }
}
