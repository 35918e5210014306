/** What the page may load and run. @module */

/**
 * The Content-Security-Policy of the page: scripts, styles and data from this server alone, no inline code, no evaluated text, no frames.
 * Pictures are made in the page from bytes of a result, hence `blob:`.
 */
export const pagePolicy: string = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");
