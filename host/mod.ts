/** The disk, the driver, logs and progress, and the work of the verbs: the only room below cli and server that knows Deno. @module */
export type {
  AugmentedFile,
  AugmentedForm,
  AugmentManifest,
  AugmentOptions,
  CellDifference,
  KeptFile,
  PublishedFigure,
  RefusedSource,
  RemovedForm,
  SizeClass,
  SplitCategory,
  SplitManifest,
  Sweep,
  TableDataset,
  TableMetric,
  TableTestSet,
} from "../evaluation/mod.ts";
export type {
  DiscriminatorWidths,
  GeneratorSize,
  GeneratorWidths,
  ShapeQuality,
  SizedTraining,
  SpGanSize,
  TrainingLosses,
  TrainingOptions,
  TrainingPlan,
  TrainingReport,
} from "../plugins/mod.ts";
export type { ColourScale, MissingPart, ScanBranches } from "../report/mod.ts";
export { augmentFolder, type AugmentFolderOptions } from "./augment.ts";
export { detectInto, type DetectOptions, type DetectOutcome } from "./detect.ts";
export { DEFAULT_METHOD } from "./default_method.ts";
export { demonstrationNetworks, makeDemonstration } from "./demonstration.ts";
export { diskStorage, provideFolder, readFile, replaceFolder, writeWhole } from "./disk.ts";
export type { LoopTrial, MemoryTrial, SpeedTrial } from "./adapter_trials.ts";
export { type DoctorDocument, doctorText, examine, type ExamineOptions, type KernelFinding } from "./doctor.ts";
export {
  type CommandOptions,
  type CommandResult,
  type DriverFound,
  type DriverInUse,
  type DriverKind,
  type DriverOrigin,
  ensureDriver,
  type EnsureDriverOptions,
  type Machine,
  type SetupDocument,
  setupDriver,
  type SetupDriverOptions,
} from "./driver/mod.ts";
export { InputUnreadable, OutputUnwritable, PluginRefused, TrainingRefused, TrainingTooLarge } from "./errors.ts";
export { evaluateAll, type EvaluateOptions } from "./evaluate.ts";
export { type ExplainOptions, explainScan } from "./explain.ts";
export { fitDataset, openCategory, type OpenDataset, type Refused } from "./fit.ts";
export { type ImportDocument, type ImportedNetwork, type ImportOptions, importSpGan } from "./import_sp_gan.ts";
export { entryScans, fileScans, type InputScan } from "./inputs.ts";
export {
  documentOf,
  factsOf,
  type JudgedScan,
  judgeScan,
  scaleOf,
  type ScanRenderings,
  scanRenderings,
  type ScanToRender,
} from "./judged_scan.ts";
export { type LoadedPlugins, loadPlugins } from "./load_plugins.ts";
export { peakMemory } from "./memory.ts";
export { holdModel, type ModelHandle, openModel, provideModelFolder, writeModel } from "./model_handle.ts";
export { type OpenRun, openRun, type OpenRunOptions } from "./open_run.ts";
export { openSpool, type Spool } from "./spool.ts";
export { splitFolder, type SplitFolderOptions } from "./split.ts";
export { measureTables, type TablesOptions } from "./tables.ts";
export { type RowKind, type RowsWanted, type TableRow, tableRows } from "./tables_methods.ts";
export type { RowOptions } from "./tables_rows.ts";
export { openTrained, trainedFor, type TrainedNetworks } from "./trained_networks.ts";
export { train, type TrainDocument, type TrainedPart, type TrainOptions } from "./train.ts";
export {
  type KeptTraining,
  openTrainingFolder,
  type TrainingDocument,
  type TrainingFolder,
  type TrainingFolderOptions,
  type TrainingPart,
  type TrainingSettings,
} from "./train_folder.ts";
export { type Loudness, openWords, type Words } from "./words.ts";
export { writeTables } from "./write_tables.ts";
