/*
 * The looks of the page: one style sheet inside the document, no font, image or script from elsewhere. Sizes follow the reader's own
 * font size. Colours are named by what they are for; every text stands out from its ground by at least 4.5 to 1, in the light and in
 * the dark (the browser test has axe measure it).
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f5f6f8; --sheet: #fff; --sunk: #eef0f4; --line: #dde1e8; --edge: #8a93a3;
  --ink: #1a2230; --soft: #566072; --accent: #3346b5; --on-accent: #fff; --accent-sunk: #eceffc;
  --good: #1c6b3c; --good-sunk: #e6f4ea; --busy: #1d5f9e; --busy-sunk: #e6f0fa;
  --warn: #875200; --warn-sunk: #fdf1dc; --alarm: #b3261e; --alarm-sunk: #fce9e7;
  --shade: 0 1px 2px rgb(20 30 50 / .06);
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12151b; --sheet: #1a1e26; --sunk: #232832; --line: #2f3542; --edge: #7d8798;
    --ink: #e6e9ef; --soft: #a3acbb; --accent: #a9b7ff; --on-accent: #141a3a; --accent-sunk: #262d4f;
    --good: #7fd09b; --good-sunk: #17301f; --busy: #8cc2f5; --busy-sunk: #16283b;
    --warn: #f0bd6a; --warn-sunk: #35270f; --alarm: #ff9d94; --alarm-sunk: #3f1c1a;
    --shade: none;
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { scroll-padding: 1rem 0 2rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
@media (min-width: 120rem) { html { font-size: 125%; } }
@media (min-width: 150rem) { html { font-size: 150%; } }
body {
  margin: 0; background: var(--ground); color: var(--ink); line-height: 1.5; font-size: .9375rem; overflow-wrap: break-word;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei", sans-serif;
  font-variant-numeric: tabular-nums;
}
h1, h2, h3, p, ul, ol, dl, dd, table, pre { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h1 { font-size: 1.375rem; line-height: 1.3; font-weight: 650; }
h2 { font-size: .9375rem; font-weight: 650; margin: 0 0 .5rem; }
h3 { font-size: .9375rem; font-weight: 650; }
a { color: var(--accent); text-underline-offset: .2em; text-decoration-thickness: 1px; }
code, .id, .trace { font-family: var(--mono); font-size: .8125rem; }
code { color: var(--soft); }
q { quotes: "“" "”" "‘" "’"; }
time { white-space: nowrap; } footer time { white-space: normal; }
.faint, .below, footer { color: var(--soft); font-size: .8125rem; }
.below { display: block; }
.amount { color: var(--soft); font-weight: 400; font-size: 1.125rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: .5rem; top: -4rem; padding: .5rem 1rem; background: var(--accent); color: var(--on-accent); border-radius: 0 0 .375rem .375rem; z-index: 2; }
.skip:focus { top: 0; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
main:focus { outline: none; }
.icon { width: 1em; height: 1em; flex: none; fill: none; stroke: currentColor; stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round; vertical-align: -.125em; }

/* The bar */
.top { background: var(--sheet); border-bottom: 1px solid var(--line); }
.bar, main, footer { max-width: 90rem; margin: 0 auto; padding: 0 1.5rem; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.5rem; padding-block: .625rem; }
.brand { font-weight: 700; font-size: 1.125rem; letter-spacing: -.01em; color: var(--ink); text-decoration: none; white-space: nowrap; }
.brand span { font-weight: 400; font-size: .8125rem; letter-spacing: 0; color: var(--soft); margin-left: .375rem; }
nav ul { display: flex; gap: .25rem; }
nav ul a { display: block; padding: .375rem .75rem; border-radius: .375rem; color: var(--ink); text-decoration: none; white-space: nowrap; }
nav ul a:hover { background: var(--sunk); }
nav ul a[aria-current] { background: var(--accent-sunk); color: var(--accent); font-weight: 600; }
.search { display: flex; flex: 1 1 16rem; max-width: 26rem; margin-left: auto; }
.search input { flex: 1; min-width: 0; border-radius: .375rem 0 0 .375rem; border-right: 0; }
.search button { border-radius: 0 .375rem .375rem 0; padding-inline: .75rem; }
.corner { display: flex; align-items: center; gap: 1rem; font-size: .875rem; white-space: nowrap; }
.languages { display: inline-flex; gap: .75rem; }

/* Controls */
input, select, button, summary, .button { font: inherit; color: inherit; }
input:not([type="checkbox"]), select { padding: .375rem .625rem; background: var(--sheet); border: 1px solid var(--edge); border-radius: .375rem; min-height: 2.25rem; }
input::placeholder { color: var(--soft); opacity: 1; }
input[type="checkbox"] { width: 1.125rem; height: 1.125rem; margin: 0; accent-color: var(--accent); vertical-align: -.2em; }
button, .button { display: inline-block; min-height: 2.25rem; padding: .375rem 1rem; border: 1px solid transparent; border-radius: .375rem; background: var(--accent); color: var(--on-accent); font-weight: 600; cursor: pointer; text-decoration: none; white-space: nowrap; }
button:hover, .button:hover { filter: brightness(1.1); }
button.plain { background: var(--sunk); color: var(--ink); border-color: var(--edge); font-weight: 400; }
button.link { background: none; color: var(--accent); padding: 0; min-height: 0; border: 0; font-weight: 400; text-decoration: underline; text-underline-offset: .2em; text-decoration-thickness: 1px; }
.filter { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem; }
.filter label { color: var(--soft); font-size: .875rem; }
.filter select { color: var(--ink); font-size: .9375rem; margin-left: .25rem; }

main { padding-block: 1.25rem 2rem; }
footer { padding-block: 0 2rem; display: flex; flex-wrap: wrap; gap: 0 1.25rem; }
section { margin-bottom: 1.75rem; }
.head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .75rem 1.5rem; margin-bottom: 1rem; }
.columns { display: grid; gap: 0 2rem; }
.columns > * { min-width: 0; }
@media (min-width: 70rem) { .columns { grid-template-columns: minmax(0, 2.1fr) minmax(0, 1fr); } }

/* States: a shape, a word and a colour */
.state { white-space: nowrap; }
.state .icon, .track .icon { margin-right: .3125em; }
.good { color: var(--good); } .busy { color: var(--busy); } .warn { color: var(--warn); } .alarm { color: var(--alarm); } .quiet { color: var(--soft); }
.state.alarm { font-weight: 600; }

/* The sentence that is read from across the room */
.verdict { display: flex; gap: .875rem; align-items: flex-start; color: var(--ink); }
.verdict > .icon { width: 1.875rem; height: 1.875rem; padding: .375rem; border-radius: 50%; background: var(--sunk); color: var(--soft); margin-top: .125rem; stroke-width: 2; }
.verdict.good > .icon { background: var(--good-sunk); color: var(--good); }
.verdict.warn > .icon { background: var(--warn-sunk); color: var(--warn); }
.verdict.alarm > .icon { background: var(--alarm-sunk); color: var(--alarm); }
.verdict .says { font-size: 1.375rem; font-weight: 650; line-height: 1.35; }
.findings { display: flex; flex-wrap: wrap; gap: 0 1.25rem; }
.numbers { color: var(--soft); }
.to-do { background: var(--sheet); border: 1px solid var(--line); border-left: .25rem solid var(--alarm); border-radius: .5rem; padding: .625rem 1rem .75rem; box-shadow: var(--shade); }
.to-do h2 { margin-bottom: .25rem; } .to-do li + li { margin-top: .625rem; } .to-do p { max-width: 70rem; } .to-do .shell { margin-top: .25rem; }
.refresh { display: inline-flex; align-items: center; gap: .375rem; font-size: .875rem; }

/* The way of an order */
.way { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); }
.card { position: relative; background: var(--sheet); border: 1px solid var(--line); border-radius: .5rem; padding: .875rem 1rem; box-shadow: var(--shade); }
.card h3 span { display: block; font-weight: 400; font-size: .8125rem; color: var(--soft); }
.total { margin: .375rem 0 .5rem; }
.total a { color: inherit; text-decoration: none; } .total a:hover { text-decoration: underline; }
.total b { font-size: 1.875rem; font-weight: 650; line-height: 1.2; letter-spacing: -.02em; }
.counts { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .125rem .625rem; }
.counts li, .counts a { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; }
.counts a { color: inherit; text-decoration: none; margin: 0 -.5rem; padding: 0 .5rem; border-radius: .25rem; }
.counts a span { text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: .2em; }
.counts a:hover { background: var(--sunk); }
.counts b { text-align: right; font-weight: 650; }
.counts .none { color: var(--soft); } .counts .none b { font-weight: 400; }
.due { margin-top: .5rem; padding-top: .5rem; border-top: 1px solid var(--line); font-size: .8125rem; color: var(--soft); }

/* Tables */
table { width: 100%; border-collapse: separate; border-spacing: 0; background: var(--sheet); border: 1px solid var(--line); border-radius: .5rem; box-shadow: var(--shade); }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem; font-weight: 400; white-space: nowrap; position: relative; }
th.wide, td.wide, th.half, td.half { white-space: normal; overflow-wrap: anywhere; }
th.wide { width: 99%; min-width: 12rem; } th.half { width: 40%; min-width: 14rem; }
thead th { font-size: .8125rem; color: var(--soft); padding-block: .375rem; background: var(--sunk); }
thead th:first-child { border-top-left-radius: .4375rem; } thead th:last-child { border-top-right-radius: .4375rem; }
tbody th, tbody td { border-top: 1px solid var(--line); }
.number { text-align: right; }
td.tick { width: 1%; }
th.id a { font-weight: 600; }
table code { display: block; }
td > code, .below code { display: inline; }
.trace { display: inline-block; max-width: 8ch; overflow: hidden; text-overflow: clip; white-space: nowrap; vertical-align: bottom; }
.trace { user-select: all; -webkit-user-select: all; } .trace:hover { max-width: none; }
.notes li + li { margin-top: .125rem; }
.why { white-space: normal; max-width: 18rem; overflow-wrap: anywhere; }
.inline { display: flex; flex-wrap: wrap; gap: 0 .875rem; }
.inline .failed { color: var(--warn); } .inline .manual { color: var(--alarm); }
.track { display: inline-grid; grid-template-columns: repeat(4, auto); gap: .125rem .75rem; font-size: .8125rem; }
.track li { white-space: nowrap; }
.track .alarm { font-weight: 650; }
.select-all { font-size: .875rem; margin-bottom: .375rem; }
.pager { display: flex; gap: 1.25rem; justify-content: center; padding: 1rem 0; }
.empty { display: flex; gap: .5rem; align-items: center; color: var(--soft); }
p.empty { padding: .75rem 1rem; background: var(--sheet); border: 1px dashed var(--line); border-radius: .5rem; }
.tally { background: var(--sheet); border: 1px solid var(--line); border-radius: .5rem; box-shadow: var(--shade); }
.tally li + li { border-top: 1px solid var(--line); }
.tally a { display: grid; grid-template-columns: 2.5rem minmax(0, 1fr); gap: 0 .5rem; padding: .5rem .75rem; color: var(--ink); text-decoration: none; }
.tally a:hover { background: var(--sunk); }
.tally b { text-align: right; color: var(--alarm); font-weight: 650; }
.tally code { grid-column: 2; }
.tally a.id { display: block; }
.pressing { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 0 2rem; background: var(--sheet); border: 1px solid var(--line); border-radius: .5rem; padding: .375rem 1rem; margin-top: .375rem; box-shadow: var(--shade); }
.pressing li { display: flex; justify-content: space-between; gap: .75rem; align-items: baseline; padding: .25rem 0; }
.pressing .state { font-size: .875rem; } .pressing .faint { white-space: nowrap; } .pressing a { overflow-wrap: anywhere; }

/* One order */
.now { background: var(--sheet); border: 1px solid var(--line); border-left: .25rem solid var(--edge); border-radius: .5rem; padding: 1rem 1.25rem; color: var(--ink); box-shadow: var(--shade); }
.now.good { border-left-color: var(--good); } .now.busy { border-left-color: var(--busy); } .now.warn { border-left-color: var(--warn); } .now.alarm { border-left-color: var(--alarm); }
.now h2 { margin: 0; font-size: .8125rem; color: var(--soft); }
.now .says { font-size: 1.1875rem; line-height: 1.45; font-weight: 600; max-width: 60rem; margin-bottom: .5rem; text-wrap: pretty; }
.now .step { margin-bottom: .5rem; max-width: 60rem; }
.now > .faint { margin-top: .75rem; }
.marks { display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
h1 .id { font-size: 1.25rem; font-weight: 650; }
.facts { background: var(--sheet); border: 1px solid var(--line); border-radius: .5rem; padding: .25rem .875rem; box-shadow: var(--shade); }
.facts div { display: grid; grid-template-columns: 8.5rem minmax(0, 1fr); gap: .75rem; padding: .4375rem 0; }
.facts div + div { border-top: 1px solid var(--line); }
.facts dt { color: var(--soft); }
.facts dd { overflow-wrap: anywhere; }
.tasks > li { background: var(--sheet); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem .875rem; box-shadow: var(--shade); }
.tasks > li + li { margin-top: .5rem; }
.tasks p + p, .tasks .action { margin-top: .25rem; }
.tasks .action { margin-top: .5rem; }
.guide { margin-bottom: 1rem; padding: .625rem 1rem; background: var(--accent-sunk); border-radius: .5rem; }

/* Acting */
.shell { display: flex; flex-wrap: wrap; gap: 0 .5rem; align-items: baseline; font-size: .8125rem; color: var(--soft); }
.shell code { color: var(--ink); background: var(--sunk); border-radius: .25rem; padding: .25rem .5rem; overflow-wrap: anywhere; user-select: all; -webkit-user-select: all; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .875rem; align-items: flex-start; }
.action { max-width: 100%; }
.action > summary { display: inline-block; list-style: none; cursor: pointer; padding: .25rem .75rem; border: 1px solid var(--edge); border-radius: .375rem; background: var(--sheet); white-space: nowrap; }
.action > summary::-webkit-details-marker { display: none; }
.action > summary:hover { background: var(--sunk); }
.action.first > summary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
.action[open] > summary { background: var(--sunk); color: var(--ink); border-color: var(--edge); font-weight: 600; }
.action[open] { flex-basis: 100%; }
.action > form, .acts { display: grid; gap: .5rem; justify-items: start; margin: .5rem 0; padding: .875rem 1rem; background: var(--sunk); border-radius: .5rem; max-width: 46rem; white-space: normal; text-align: left; }
.acts { margin-top: .75rem; max-width: none; }
td .action[open] > form { position: absolute; right: .75rem; top: 2.75rem; z-index: 1; width: 27rem; max-width: 90vw; margin: 0; border: 1px solid var(--edge); box-shadow: 0 .5rem 2rem rgb(0 0 0 / .18); }
.reason { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .625rem; width: 100%; }
.reason input { flex: 1 1 16rem; min-width: 0; }
.send { display: flex; flex-wrap: wrap; gap: .5rem; width: 100%; max-width: 48rem; }
.send .reason { flex: 1 1 20rem; min-width: 0; }
.notice { display: flex; gap: .625rem; padding: .75rem 1rem; margin-bottom: 1.25rem; border-radius: .5rem; background: var(--sunk); color: var(--ink); }
.notice > .icon { margin-top: .25rem; }
.notice.good { background: var(--good-sunk); } .notice.good > .icon { color: var(--good); }
.notice.warn { background: var(--warn-sunk); } .notice.warn > .icon { color: var(--warn); }
.notice.alarm { background: var(--alarm-sunk); } .notice.alarm > .icon { color: var(--alarm); }
.notice p:first-child { font-weight: 600; }
.notice .faint { color: inherit; }

/* Outside */
.door { max-width: 26rem; margin: 12vh auto 0; padding: 2rem; background: var(--sheet); border: 1px solid var(--line); border-radius: .75rem; box-shadow: var(--shade); }
.door h1 { margin-bottom: 1rem; }
.door h2 { margin: 1rem 0 .25rem; }
.door label { display: block; margin-bottom: .25rem; font-weight: 600; }
.door input { width: 100%; margin-bottom: .375rem; }
.door button { width: 100%; margin: .75rem 0 1.25rem; }
.door .problem { margin-bottom: 1rem; padding: .5rem .75rem; background: var(--alarm-sunk); color: var(--ink); border-radius: .375rem; }
.door .said { margin: 1rem 0; padding: .625rem .75rem; background: var(--sunk); border-radius: .375rem; font-size: .875rem; overflow-wrap: anywhere; }
.door .button { margin-top: 1rem; }
.trouble { max-width: 40rem; }
.trouble h1 .icon { color: var(--alarm); }

/* A narrow screen: a row becomes a card */
@media (max-width: 50rem) {
  .bar, main, footer { padding-inline: 1rem; }
  .bar { gap: .5rem 1rem; }
  .corner { margin-left: auto; }
  .bar nav { order: 2; flex-basis: 100%; }
  .bar nav ul { justify-content: space-between; margin-inline: -.5rem; }
  .bar nav ul a { padding-inline: .5rem; }
  .search { order: 3; flex-basis: 100%; max-width: none; }
  .way { grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .5rem; }
  .card { padding: .75rem .75rem; } .counts { gap: .125rem .5rem; }
  table, tbody { display: block; border: 0; background: none; box-shadow: none; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { display: grid; grid-template-columns: minmax(0, 1fr); gap: .25rem; padding: .75rem .875rem; background: var(--sheet); border: 1px solid var(--line); border-radius: .5rem; box-shadow: var(--shade); }
  tbody tr + tr { margin-top: .5rem; }
  tbody tr:has(td.tick) { grid-template-columns: auto minmax(0, 1fr); }
  tbody tr:has(td.tick) > :nth-child(n+3) { grid-column: 1 / -1; }
  tbody th, tbody td { padding: 0; border: 0; text-align: left; white-space: normal; min-width: 0; width: auto; }
  td .action[open] > form { position: static; width: auto; max-width: none; box-shadow: none; margin-top: .5rem; }
  .pressing { grid-template-columns: minmax(0, 1fr); }
  tbody th { font-weight: 600; }
  tbody td { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: .5rem; }
  tbody td::before { content: attr(data-label) / ""; color: var(--soft); font-size: .8125rem; padding-top: .1rem; }
  tbody td > * { grid-column: 2; justify-self: start; }
  tbody td.tick { display: block; } tbody td.tick::before { content: none; }
  tbody td:has(> .action) { display: block; } tbody td:has(> .action)::before { content: none; }
  tbody .blank { display: none; }
  tbody .number { text-align: left; } tbody .state { white-space: normal; }
  td.wide q, td.wide { overflow-wrap: anywhere; }
  .track { grid-template-columns: auto auto; }
  .facts div { grid-template-columns: 7rem minmax(0, 1fr); }
  .trace { max-width: none; overflow-wrap: anywhere; white-space: normal; }
}
@media (max-width: 28rem) { .door { margin: 1rem; padding: 1.5rem; } }
@media print { .top, .action, .acts, .refresh, .pager, .select-all { display: none; } }
`;
