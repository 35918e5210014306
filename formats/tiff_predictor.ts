/** Undoing TIFF's predictors, in place. @module */

/**
 * Predictor 2 (TIFF 6.0, section 14): a sample is stored as the difference to the same sample of the pixel before, modulo its width.
 * Floating-point samples are differenced as the integers that their bits are. `bytes`: rows of `rowValues` little-endian numbers.
 * @param stride samples that stand together in a pixel
 */
export function undoHorizontal(bytes: Uint8Array, rowValues: number, stride: number, size: number): void {
  const { buffer, byteOffset } = bytes, count = bytes.length / size;
  if (size === 8) {
    const values = new BigUint64Array(buffer, byteOffset, count);
    for (let row = 0; row < count; row += rowValues) {
      for (let i = row + stride; i < row + rowValues; i++) values[i] += values[i - stride];
    }
    return;
  }
  const values = size === 1
    ? bytes
    : size === 2
    ? new Uint16Array(buffer, byteOffset, count)
    : new Uint32Array(buffer, byteOffset, count);
  for (let row = 0; row < count; row += rowValues) {
    for (let i = row + stride; i < row + rowValues; i++) values[i] += values[i - stride];
  }
}

/**
 * Predictor 3 (Adobe, TIFF Technical Note 3): the bytes of a row are sorted into planes, most significant first whatever the file's
 * byte order, and differenced. Leaves little-endian floats.
 */
export function undoFloating(bytes: Uint8Array, rowValues: number, stride: number, size: number): void {
  const rowBytes = rowValues * size, planes = new Uint8Array(rowBytes);
  for (let row = 0; row < bytes.length; row += rowBytes) {
    planes.set(bytes.subarray(row, row + rowBytes));
    for (let i = stride; i < rowBytes; i++) planes[i] += planes[i - stride];
    for (let plane = 0; plane < size; plane++) {
      const place = row + size - 1 - plane;
      for (let i = 0; i < rowValues; i++) bytes[place + i * size] = planes[plane * rowValues + i];
    }
  }
}
