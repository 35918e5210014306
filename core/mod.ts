/** What a detection is: scans, preparation, plugins, methods, models, decisions. @module */
export { betaCdf, betaInverse } from "./beta.ts";
export {
  type Calibration,
  clopperPearson,
  conformalP,
  conformalThreshold,
  decide,
  type Decision,
  DEFAULT_ALPHA,
  falseAlarmInterval,
  reachableAlpha,
  smoothedP,
} from "./calibration.ts";
export { BranchMapRefused, checkBranchMaps, checkedMaps } from "./branch_maps.ts";
export { CalibrationRefused } from "./calibration_errors.ts";
export { densityClusters } from "./density_clusters.ts";
export { digestOf } from "./digest.ts";
export { type DigestedScans, digestedScans } from "./digested_scans.ts";
export { type DecisionOptions, type Detected, detectScan, thresholdOf } from "./detect.ts";
export {
  type DetectDocument,
  isFound,
  type ModelFacts,
  type Pose,
  type Region,
  type ScanFailed,
  type ScanFound,
} from "./detect_document.ts";
export {
  FileMissing,
  MemoryBudgetExceeded,
  ModelRefused,
  NotExplainable,
  OptionsRefused,
  RunAborted,
  ScanRefused,
  TooFewScans,
  UnknownName,
} from "./errors.ts";
export type { ExplainDocument, ExplainedPlace, NormalPatch, PlaceChannel, ScanPixel } from "./explain_document.ts";
export { explainedPlace, highestPlaces, mapPixelOf, normalPatch, patchAt, scanPixelOf } from "./explained_places.ts";
export type {
  ExplainedChannel,
  ExplainedPatches,
  Explanation,
  NormalPatches,
  NormalScanSource,
} from "./explanation.ts";
export { type Camera, fitCamera, pitchOf, pixelOf, rayOf, type ViewingRay } from "./camera.ts";
export { fitModel } from "./fit_model.ts";
export { DEFAULT_FOLDS, type FitOptions } from "./fit_to_normal.ts";
export { fitUnfused, type UnfusedModel, type UnfusedOptions } from "./fit_unfused.ts";
export { fitFuser, fusedScores, type FuserScans } from "./fuse_held_out.ts";
export { calibrationOf, type HeldOut } from "./held_out.ts";
export type { HeldOutMaps } from "./held_out_maps.ts";
export {
  type FittedBranches,
  type Model,
  type ModelCalibration,
  modelFacts,
  type ReconstructionBranch,
} from "./fitted_model.ts";
export { gapsAtShapes } from "./gaps_at_shapes.ts";
export { mainPiece } from "./main_piece.ts";
export { memoryStorage } from "./memory_storage.ts";
export {
  type Method,
  type MethodOptions,
  type MethodOverrides,
  methodParts,
  type Registry,
  resolveMethod,
} from "./method.ts";
export { loadModel, readModelIndex, saveModel, type WantedModel } from "./model.ts";
export type { ModelFolder, Tensor } from "./model_folder.ts";
export type { ModelIndex } from "./model_index.ts";
export { type OptionsParsed, type OptionsSchema, parseOptions } from "./options.ts";
export { firstDifference, type NestedOptions } from "./overrides.ts";
export { toOwnResolution } from "./own_resolution.ts";
export { pasteDefect, type PastedScan } from "./pasted_defects.ts";
export { type DefectKind, defectKinds } from "./pasted_shapes.ts";
export type { PartSizes } from "./part_size.ts";
export { placeRanking, type RankedMap } from "./place_ranking.ts";
export { fitPlane, planeDistance, type PlaneSearch, searchPlane } from "./plane.ts";
export type {
  BranchMaps,
  DefectExamples,
  DefectMaps,
  Descriptor,
  Extractor,
  FittedExtractor,
  FittedFuser,
  FittedReconstructor,
  Fuser,
  FusionPlane,
  HeldOutListener,
  HeldOutScore,
  PastedTrial,
  Plugin,
  ReconstructedShape,
  Reconstruction,
  Reconstructor,
  ScanSource,
} from "./plugin.ts";
export type { MissingPlace, MissingPlaces } from "./missing_places.ts";
export { type MissingOptions, missingOptions, missingPresets, missingRegion } from "./missing_region.ts";
export { foregroundOf, prepare, type PrepareOptions, prepareOptions, preparePresets } from "./prepare.ts";
export type { MapFrame, Plane, Prepared, ScoreMap } from "./prepared.ts";
export { poseIn, type PoseJudged } from "./pose.ts";
export { pcg4d, type RandomStream, randomStream } from "./random.ts";
export {
  areaUpTo,
  exactCurve,
  officialCurve,
  placeAuroc,
  type ProCurve,
  type ScoreCounts,
  thinnedCurve,
} from "./pro_curve.ts";
export { readScan, type ReadScanOptions, type Unit, units } from "./read_scan.ts";
export { findRegions, type FoundRegions, type RegionOrigins } from "./regions.ts";
export { createRun, type Log, type Progress, type Run, stage, type StageTimes, throwIfAborted } from "./run.ts";
export type { Registration, RoughAlignment } from "./registered.ts";
export { fitRegistry, loadRegistry } from "./registration.ts";
export type { ScanRegistry } from "./scan_registry.ts";
export type { Mask, Scan } from "./scan.ts";
export {
  judgeBranches,
  type JudgedPrepared,
  type Scored,
  type ScoredPrepared,
  type ScoreOptions,
  scorePrepared,
  scoreScan,
  type ScoringParts,
} from "./score.ts";
export type { JudgedBoth, JudgedBranches } from "./score_both.ts";
export { type LabelledScan, type NamedScan, scanSource, type ScanSourceOptions } from "./scan_source.ts";
export type { Storage } from "./storage.ts";
export { suspectScans } from "./suspects.ts";
export { directionsToTable, type Standing, type TableFrame, tableFrame, toTable } from "./table_frame.ts";
export { readTensorFile, writeTensorFile } from "./tensor_file.ts";
export { type PrincipalAxes, principalAxes } from "./principal_axes.ts";
export { VERSION } from "./version.ts";
