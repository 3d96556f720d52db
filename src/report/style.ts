/** What the report looks like: by day, by night and on paper. Vega writes colours as attributes, over which a style wins. */
export const style = `
:root { color-scheme: light dark; --ground: #fff; --ink: #111; --faint: #767676; --line: #ddd; }
@media (prefers-color-scheme: dark) { :root { --ground: #16181b; --ink: #e8e8e8; --faint: #a0a0a0; --line: #3a3d41; } }
body { margin: 0 auto; max-width: 71rem; padding: 1rem; background: var(--ground); color: var(--ink);
  font: 15px/1.45 Helvetica, Arial, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; } h3 { font-size: 1rem; }
a { color: inherit; } .warning { border: 2px solid #d55e00; padding: .5rem; font-weight: bold; }
.notes, figcaption { color: var(--faint); font-size: .85rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .85rem; white-space: nowrap; }
th, td { padding: .15rem .6rem; text-align: right; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; position: sticky; left: 0; background: var(--ground); }
.figures { columns: 360px; column-gap: .5rem; margin: 1rem 0; } figure { margin: 0 0 1rem; break-inside: avoid; }
svg { max-width: 100%; height: auto; }
svg text:is([fill="#000"], [fill="black"]) { fill: var(--ink); }
svg [stroke="#ddd"] { stroke: var(--line); } svg [stroke="#888"] { stroke: var(--faint); }
svg [stroke="black"], svg [stroke="#000000"] { stroke: var(--ink); } svg path[fill="#000000"] { fill: var(--ink); }
svg a:is(:hover, :focus) > * { opacity: 1; stroke-width: 3; }
summary { cursor: pointer; } pre { white-space: pre-wrap; background: color-mix(in srgb, var(--ink) 7%, transparent); padding: .4rem; }
details:target > summary, tr:target { outline: 2px solid #0072b2; }
.switches { display: none; } .live .switches { display: flex; flex-wrap: wrap; gap: .3rem 1rem; border: 1px solid var(--line); }
[hidden], svg a.off { display: none; }
#hint { position: fixed; z-index: 1; max-width: 22rem; padding: .3rem .5rem; pointer-events: none; font-size: .85rem;
  background: var(--ink); color: var(--ground); border-radius: 3px; }
@media print { .switches, #hint { display: none !important; } figure, tr { break-inside: avoid; }
  .wide { overflow-x: visible; } table { white-space: normal; }
  :root { --ground: #fff; --ink: #000; --faint: #555; --line: #ccc; } }
`;
