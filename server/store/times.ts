/** Times as they are kept and as they are shown. @module */

/** Milliseconds since 1970, as they are kept, in the form that answers carry: ISO 8601 in UTC. */
export const isoTime = (time: number): string => new Date(time).toISOString();

/** {@linkcode isoTime} of what may not have happened yet. */
export const isoTimeOrNull = (time: number | null): string | null => time === null ? null : isoTime(time);
