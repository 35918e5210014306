/** The version of this package; a test compares it with the package's file. @module */

/** In every model and result. */
export const VERSION = "0.1.0";
