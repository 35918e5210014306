/** How the plane of both branches looks. @module */

/** The style sheet's part for pages with a plane; what is drawn once and used in each card has rules of one class. */
export const planeStyle = `
.plane { grid-column: 1 / -1; }
.plane figure { display: flex; flex-wrap: wrap; gap: .4rem 1.4rem; align-items: start; }
.plane svg { flex: 1 1 420px; max-width: 720px; height: auto; }
.plane figcaption { flex: 1 1 230px; }
.plane-strip { fill: var(--quiet); fill-opacity: .07; }
.plane-grid { stroke: var(--line); }
.plane-words { font: 12px system-ui, sans-serif; fill: var(--quiet); text-anchor: middle; }
.plane-dots { fill: none; stroke-linecap: round; stroke-width: 4; }
.plane-dots.normal { stroke: #8b949e; stroke-width: 3.4; stroke-opacity: .5; }
.plane-dots.within { stroke: #2f81c7; stroke-opacity: .75; }
.plane-dots.beyond { stroke: #e06c2b; stroke-width: 5; stroke-opacity: .85; }
.plane-boundary { fill: none; stroke: var(--ink); stroke-width: 1.6; }
.plane-highest { fill: none; stroke: var(--ink); stroke-width: 2; }
.plane-key { display: inline-block; width: .7em; height: .7em; margin: 0 .35em; border-radius: 50%; }
.plane-key.normal { background: #8b949e; }
.plane-key.within { background: #2f81c7; }
.plane-key.beyond { background: #e06c2b; }
.plane-key.boundary { width: 1.4em; height: 2px; margin: 0 0 .25em; border-radius: 0; background: var(--ink); }
.plane-key.highest { border: 2px solid var(--ink); }
`;
