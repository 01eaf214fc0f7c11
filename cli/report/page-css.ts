/** The style of a report page. Its colors have a contrast of at least 4.5 to 1, in light and in dark. */
export const pageCss = `
:root { color-scheme: light dark; --text: #1f2328; --muted: #57606a; --line: #d0d7de; --page: #fff; --panel: #f6f8fa; --focus: #0969da; --active: #0b5cad; --inactive: #8a4600; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --muted: #9da7b3; --line: #3d444d; --page: #0d1117; --panel: #161b22; --focus: #58a6ff; --active: #1f6feb; --inactive: #a35200; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1.5rem clamp(1rem, 4vw, 3rem) 4rem; max-width: 90rem; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.75rem; } h2 { margin: 0 0 .75rem; font-size: 1.25rem; }
header p { margin: .25rem 0 0; color: var(--muted); overflow-wrap: anywhere; }
section { margin-top: 2.5rem; }
.skip { position: absolute; left: -999rem; } .skip:focus { position: static; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .75rem; margin: 1.5rem 0 0; }
.figures div { padding: .75rem 1rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--panel); }
.figures dt { color: var(--muted); font-size: .875rem; } .figures dd { margin: 0; font-size: 1.5rem; font-weight: 600; }
.pair { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 2rem; align-items: start; }
@media (max-width: 48rem) { .pair { grid-template-columns: minmax(0, 1fr); } }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; }
.scroll table { width: 100%; border-collapse: collapse; font-size: .9375rem; }
.scroll caption { padding: .5rem .75rem; text-align: left; color: var(--muted); font-size: .875rem; }
.scroll th, .scroll td { padding: .4rem .75rem; border-top: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: 400; overflow-wrap: break-word; max-width: 32rem; }
.scroll thead th { font-weight: 600; background: var(--panel); white-space: nowrap; } .scroll tbody th { min-width: 9rem; }
.scroll .number { text-align: right; font-variant-numeric: tabular-nums; } .scroll .wide { min-width: 16rem; }
.chart .charts-css.bar { --labels-size: 9.5rem; --labels-align-inline: end; --color-1: var(--active); --color-2: var(--inactive); --primary-axis-color: var(--line); height: auto; max-width: 100%; color: var(--text); }
.chart .charts-css.bar tbody tr { min-height: 2.25rem; } .chart .charts-css.bar th { padding-right: .75rem; min-width: 0; font-size: .875rem; font-weight: 400; }
.chart .charts-css.bar th span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.chart .charts-css.bar .data { color: #fff; font-size: .8125rem; padding-inline: .35rem; }
.chart .legend { --color-1: var(--active); --color-2: var(--inactive); border: 0; padding: 0 0 .5rem; font-size: .875rem; justify-content: flex-end; }
@media print { .scroll { overflow: visible; } section { break-inside: avoid-page; } }
`;
