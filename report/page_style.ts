/** How the report looks. @module */

/** The page's style sheet: neutral, light or dark as the reader's system is, and fit for printing. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --ground: #f4f5f6; --panel: #fff; --ink: #1b1f24; --quiet: #5b6470; --line: #d9dde2; --accent: #1f6feb;
  --bad: #b3261e; --bad-ground: #fbe4e2; --ok: #1a6b3c; --ok-ground: #dff2e6; --warn: #7a4b00; --warn-ground: #fff0d1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #15181c; --panel: #1e2227; --ink: #e8eaed; --quiet: #9aa4b0; --line: #363c44; --accent: #6ea8fe;
    --bad: #ff8a80; --bad-ground: #4a1d1b; --ok: #7fd6a0; --ok-ground: #173824; --warn: #ffcf7a; --warn-ground: #43330f;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 3.6rem; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1280px; margin: 0 auto; padding: 1.4rem 1.2rem 4rem; }
h1 { font-size: 1.55rem; line-height: 1.2; margin: 0 0 .3rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 .7rem; }
h3 { font-size: 1rem; margin: 0 0 .4rem; overflow-wrap: anywhere; }
p { margin: .35rem 0; }
a { color: var(--accent); }
.quiet { color: var(--quiet); }
.small { font-size: .87rem; }
.panel, .card { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.15rem; }
.note { background: var(--warn-ground); color: var(--warn); border-radius: 8px; padding: .6rem .9rem; margin: .8rem 0; }
.tiles { display: flex; flex-wrap: wrap; gap: .7rem; margin: 1rem 0; }
.tile { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: .6rem 1rem; min-width: 8.5rem; }
.tile b { display: block; font-size: 1.7rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tile.bad b { color: var(--bad); }
.tile.warn b { color: var(--warn); }
.badge { display: inline-block; border-radius: 5px; padding: .05rem .5rem; font-weight: 600; font-size: .87rem; white-space: nowrap; }
.badge.anomalous { background: var(--bad-ground); color: var(--bad); }
.badge.normal { background: var(--ok-ground); color: var(--ok); }
.badge.refused, .badge.wrong { background: var(--warn-ground); color: var(--warn); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .32rem .7rem; border-bottom: 1px solid var(--line); vertical-align: baseline; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--quiet); font-weight: 600; font-size: .87rem; white-space: nowrap; vertical-align: bottom; }
td.number, th.number { text-align: right; white-space: nowrap; }
#scans { font-size: .93rem; }
#scans th, #scans td { padding-inline: .5rem; }
th button { all: unset; cursor: pointer; }
th button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
th button:hover { color: var(--accent); }
th[aria-sort=ascending] button::after { content: " ↑"; }
th[aria-sort=descending] button::after { content: " ↓"; }
#scans tbody tr:hover { background: color-mix(in srgb, var(--accent) 8%, transparent); }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; margin: 0; }
dl.facts dt { color: var(--quiet); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
details > summary { cursor: pointer; font-weight: 600; }
details[open] > summary { margin-bottom: .6rem; }
.halves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 430px), 1fr)); gap: 1rem; }
.view { position: sticky; top: 0; z-index: 5; display: flex; flex-wrap: wrap; gap: .3rem 1.3rem; align-items: center;
  background: var(--ground); border-bottom: 1px solid var(--line); padding: .55rem 0; margin-bottom: .9rem; }
.choices { display: flex; flex-wrap: wrap; gap: .2rem 1rem; }
.view label { cursor: pointer; white-space: nowrap; }
.key { display: inline-block; width: 1.1em; height: .75em; border: 2px solid; margin: 0 .15em; background: #666; }
.card { margin-bottom: 1rem; break-inside: avoid; }
.card header { display: flex; flex-wrap: wrap; gap: .3rem .9rem; align-items: baseline; margin-bottom: .2rem; }
.card header h3 { margin: 0; }
.card header a { margin-left: auto; font-size: .87rem; }
.card .body { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)) minmax(270px, 1.05fr); gap: 1rem; margin-top: .7rem; }
@media (max-width: 900px) { .card .body { grid-template-columns: 1fr 1fr; } .card .body > .found { grid-column: 1 / -1; } }
@media (max-width: 560px) { .card .body { grid-template-columns: 1fr; } }
figure { margin: 0; }
figcaption { color: var(--quiet); font-size: .87rem; margin-top: .3rem; }
.picture { display: block; width: 100%; max-height: 460px; border-radius: 6px; background: #161616; }
.picture text { font: 600 14px system-ui, sans-serif; fill: #fff; stroke: #000; stroke-width: 3px; paint-order: stroke; text-anchor: middle; }
.picture[data-why] { cursor: crosshair; }
.picture[data-why]:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.why-mark circle { fill: none; stroke: #fff; stroke-width: 2; }
.why-mark circle:first-child { stroke: #000; stroke-width: 4; }
.why { display: block; white-space: pre-line; font-size: .87rem; margin-top: .5rem; overflow-wrap: anywhere; }
.scale { display: grid; grid-template-columns: 1fr; margin-top: .45rem; }
.scale svg { width: 100%; height: auto; overflow: visible; }
.scale text, .chart .axis { font: 12px system-ui, sans-serif; fill: var(--quiet); }
.scale .mark { stroke: var(--ink); stroke-width: 2; }
.chart { display: block; width: 100%; height: auto; }
.chart .grid { stroke: var(--line); }
.chart .base { stroke: var(--quiet); stroke-opacity: .6; }
.chart .curve { fill: none; stroke: var(--accent); stroke-width: 2; }
.chart .under { fill: var(--accent); fill-opacity: .12; }
.chart .threshold { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 5 3; }
.chart .bar.held-out { fill: #8b949e; }
.chart .bar.good { fill: #2f81c7; }
.chart .bar.defective { fill: #e06c2b; }
.chart .bar.unknown { fill: #7d6bb8; }
.open-view { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: 7px; padding: .3rem .8rem; cursor: pointer; }
.open-view:hover { border-color: var(--accent); }
.space { grid-column: 1 / -1; height: min(70vh, 620px); border-radius: 6px; overflow: hidden; background: #1b1d20; color: #ddd; }
html:not(.scripts) .needs-scripts { display: none; }
body:has(#heat:not(:checked)) .heat, body:has(#regions:not(:checked)) .regions, body:has(#truth:not(:checked)) .truth { display: none; }
body:has(#only-anomalous:checked) [data-decision]:not([data-decision=anomalous]),
body:has(#only-normal:checked) [data-decision]:not([data-decision=normal]),
body:has(#only-wrong:checked) [data-decision]:not([data-wrong]) { display: none; }
@media print {
  body { background: #fff; } .view, .why { display: none; } main { max-width: none; padding: 0; }
  * { print-color-adjust: exact; }
}
`;
