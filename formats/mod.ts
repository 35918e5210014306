/** Bytes to arrays and back: TIFF, NPY, NPZ, PNG, safetensors, PLY. Knows neither scans nor GPUs. @module */
export { FileTooLarge, MalformedFile, UnsupportedFile, WriteRefused } from "./errors.ts";
export { type NumberArray, type NumberKind } from "./number_arrays.ts";
export { type NpyArray, readNpy, writeNpy } from "./npy.ts";
export { readNpz } from "./npz.ts";
export { type PlyProperty, type PlyToWrite, writePly } from "./ply.ts";
export { type MaskImage, type PngImage, type PngToWrite, readMask, readPng, writePng } from "./png.ts";
export {
  readSafetensors,
  type SafeTensor,
  type SafetensorsFile,
  type TensorType,
  type TensorValues,
  writeSafetensors,
} from "./safetensors.ts";
export { readTiff, type TiffImage } from "./tiff.ts";
export { type TiffToWrite, writeTiff } from "./tiff_write.ts";
