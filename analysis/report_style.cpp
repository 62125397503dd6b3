#include "analysis/report_parts.h"

namespace svasim::analysis {

const char* report_style() {
  return R"css(
:root {
  color-scheme: light dark;
  --page: #f7f7f5; --card: #ffffff; --ink: #1d2129; --soft: #5c6470; --faint: #e4e5e3;
  --track: #eeefed; --accent: #3450c8;
  --translation: #3f5fd4; --link: #2a9397; --memory: #d08a1d; --device: #8a8f99;
  --low: #eef1fb; --high: #6f8af0;
  --actor-dev: #8a8f99; --actor-rc: #2a9397; --actor-smmu: #3f5fd4; --actor-hk: #d08a1d;
  --actor-vmm: #8b4fc4; --actor-vcpu: #5a9a3a; --actor-gk: #cf4a6b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171c; --card: #1b1f26; --ink: #e6e8ec; --soft: #9aa3b0; --faint: #2c323b;
    --track: #262b33; --accent: #8fa5ff;
    --translation: #7b93f5; --link: #45b3b5; --memory: #e0a548; --device: #7e8590;
    --low: #222a3d; --high: #4c67d6;
    --actor-dev: #7e8590; --actor-rc: #45b3b5; --actor-smmu: #7b93f5; --actor-hk: #e0a548;
    --actor-vmm: #b588e8; --actor-vcpu: #84c260; --actor-gk: #ee7d98;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, Inter, "Helvetica Neue", Arial,
    sans-serif;
  font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%;
}
main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { font-size: 26px; line-height: 1.25; font-weight: 650; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 18px; font-weight: 650; margin: 0 0 2px; }
p { margin: 0; }
.eyebrow { color: var(--soft); font-size: 13px; margin-bottom: 6px; }
.lead { font-size: 17px; margin: 14px 0 0; max-width: 46em; }
.note { border-left: 3px solid var(--memory); padding: 2px 0 2px 12px; margin-top: 14px; color: var(--soft); }
section { background: var(--card); border-radius: 12px; padding: 24px; margin-top: 20px; }
.why { color: var(--soft); font-size: 14px; margin-bottom: 16px; max-width: 52em; }
.facts { display: flex; flex-wrap: wrap; gap: 4px 28px; margin: 16px 0 0; padding: 0; font-size: 13px; }
.facts div { display: flex; gap: 6px; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(6, 1fr); gap: 12px; margin-top: 24px; }
.tile { background: var(--card); border-radius: 12px; padding: 14px 16px; }
.tile b { display: block; white-space: nowrap; font-size: 20px; font-weight: 650; line-height: 1.3; }
.tile span { color: var(--soft); font-size: 13px; display: block; }
.charts { margin-bottom: 14px; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 16px 28px; }
figure { margin: 0; min-width: 0; }
.live, .interactive .static { display: none; }
.interactive .live { display: grid; }
div.scroll + .live { margin-top: 18px; }
.interactive .live:empty { display: none; }
.chart figcaption { display: flex; gap: 12px; align-items: baseline; justify-content: space-between; }
.chart.wide-chart { grid-column: 1 / -1; }
.save {
  flex: none; font: inherit; font-size: 12px; color: var(--soft); background: none; cursor: pointer;
  border: 1px solid var(--faint); border-radius: 6px; padding: 1px 8px;
}
.save:hover { color: var(--ink); border-color: var(--soft); }
.area { width: 100%; }
.tip { font-variant-numeric: tabular-nums; max-width: 320px; white-space: normal; }
.tip > b { display: block; margin-bottom: 2px; overflow-wrap: anywhere; }
.tip div { display: flex; gap: 8px; align-items: baseline; }
.tip div b { margin-left: auto; padding-left: 12px; overflow-wrap: anywhere; }
.tip i { flex: none; width: 9px; height: 9px; border-radius: 3px; }
.heat td { background: color-mix(in srgb, var(--translation) var(--shade, 0%), transparent); padding: 6px 10px; }
.choose { display: flex; flex-wrap: wrap; gap: 6px 18px; margin: 0 0 12px; font-size: 13px; color: var(--soft); }
.choose label { display: flex; gap: 8px; align-items: baseline; min-width: 0; }
.choose select {
  font: inherit; color: var(--ink); background: var(--card); border: 1px solid var(--faint);
  border-radius: 6px; padding: 3px 6px; max-width: min(100%, 26em);
}
header + .tiles + .live { margin-top: 20px; }
h3 { font-size: 15px; font-weight: 600; margin: 20px 0 6px; }
.interactive .sort th[title] { cursor: pointer; }
.interactive .sort th[title]:hover { color: var(--ink); }
.sort th[aria-sort]::after { content: " \2193"; }
.sort th[aria-sort="ascending"]::after { content: " \2191"; }
figcaption { font-size: 13px; color: var(--soft); margin-bottom: 4px; }
svg { width: 100%; height: auto; display: block; }
.grid { stroke: var(--faint); stroke-width: 1; fill: none; }
.tick { fill: var(--soft); font-size: 11px; }
.line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
.line.translation { stroke: var(--translation); stroke-width: 2.2; }
.line.read, .line.write { stroke: var(--soft); }
.line.write { stroke-dasharray: 5 3; }
.line.s0 { stroke: var(--device); } .line.s1 { stroke: var(--link); }
.line.s2 { stroke: var(--translation); } .line.s3 { stroke: var(--memory); }
.legend i.s0 { background: var(--device); } .legend i.s1 { background: var(--link); }
.legend i.s2 { background: var(--translation); } .legend i.s3 { background: var(--memory); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 13px; color: var(--soft); margin: 0 0 12px; }
.legend i { display: inline-block; width: 14px; height: 10px; border-radius: 3px; margin-right: 6px; }
.legend i.rule { height: 3px; vertical-align: 3px; }
.legend i.read { background: var(--soft); }
.legend i.write { background: repeating-linear-gradient(90deg, var(--soft) 0 4px, transparent 4px 6px); }
.legend b { color: var(--ink); font-weight: 600; }
.translation { background: var(--translation); } .link { background: var(--link); }
.memory { background: var(--memory); } .device { background: var(--device); }
.dev { background: var(--actor-dev); } .rc { background: var(--actor-rc); }
.smmu { background: var(--actor-smmu); } .hk { background: var(--actor-hk); }
.vmm { background: var(--actor-vmm); } .vcpu { background: var(--actor-vcpu); }
.gk { background: var(--actor-gk); }
section .tiles { margin: 0 0 20px; grid-template-columns: repeat(4, 1fr); } section .tile { background: var(--page); }
.stack { display: flex; gap: 1px; height: 26px; border-radius: 6px; overflow: hidden; margin-bottom: 12px; background: var(--track); }
.stack i {
  display: block; min-width: 1px; overflow: hidden; padding: 0 4px; text-align: center;
  font-style: normal; font-size: 12px; line-height: 26px; white-space: nowrap;
  text-overflow: ellipsis; color: var(--card);
}
.stack i:empty { padding: 0; }
.stack i.even { opacity: .8; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { font-weight: 500; color: var(--soft); font-size: 13px; text-align: left; white-space: nowrap; }
th, td { padding: 6px 14px 6px 0; border-bottom: 1px solid var(--faint); vertical-align: baseline; }
th:last-child, td:last-child { padding-right: 0; }
tr:last-child td { border-bottom: 0; }
.n { text-align: right; white-space: nowrap; }
tr.whole td { font-weight: 650; border-top: 2px solid var(--faint); }
tr.part td { color: var(--soft); }
.bar { display: block; width: 100%; min-width: 90px; height: 9px; border-radius: 3px; background: var(--track); }
.bar i { display: block; height: 100%; border-radius: 3px; min-width: 1px; }
.grow { width: 30%; }
.counts .grow { width: 62%; }
td:first-child { min-width: 12em; } td.step { min-width: 0; white-space: nowrap; }
.path { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 12.5px; overflow-wrap: anywhere; }
.config .path { white-space: nowrap; }
.from { color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
.tag { display: inline-block; min-width: 20px; text-align: center; border-radius: 4px; padding: 0 5px; margin-right: 6px; background: var(--track); color: var(--ink); font-size: 12px; }
tr.head td { padding-top: 18px; font-weight: 600; border-bottom: 1px solid var(--soft); }
.quiet { color: var(--soft); font-size: 13px; margin-top: 12px; }
details summary { cursor: pointer; font-size: 18px; font-weight: 650; }
details[open] summary { margin-bottom: 12px; }
footer { color: var(--soft); font-size: 13px; margin-top: 28px; overflow-wrap: anywhere; }
@media (max-width: 980px) { .tiles, section .tiles { grid-template-columns: repeat(3, 1fr); } }
@media (max-width: 640px) {
  main { padding: 22px 12px 40px; }
  h1 { font-size: 21px; } .lead { font-size: 16px; }
  section { padding: 18px 14px; border-radius: 10px; }
  .tiles, section .tiles { grid-template-columns: repeat(2, 1fr); gap: 8px; } .tile { padding: 12px 14px; }
  .tile b { font-size: 19px; }
  .wide { display: none; }
  th, td { padding-right: 10px; }
  .bar { min-width: 56px; } td:first-child { min-width: 0; }
  .config .path { white-space: normal; }
  .config tr { display: block; padding: 7px 0; border-bottom: 1px solid var(--faint); }
  .config td { display: block; border: 0; padding: 0; text-align: left; }
  .config tr.head { border-bottom: 1px solid var(--soft); padding-top: 16px; }
  .config tr.head td { padding: 0; border: 0; }
  .config th, .config tr:first-child:has(th) { display: none; }
}
@media print { .save { display: none; } body { background: none; } section, .tile { border: 1px solid var(--faint); break-inside: avoid; } }
)css";
}

}  // namespace svasim::analysis
