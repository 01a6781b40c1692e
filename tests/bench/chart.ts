/**
 * A bar chart as SVG, readable on light and dark pages.
 *
 * @module
 */

import { figure } from "./format.ts";

const WIDTH = 720;
const LABEL = 170;
const ROW = 34;
const TOP = 48;

/** Horizontal bars, the longest first; `highlight` names the one in colour. */
export function barChart(
  title: string,
  bars: readonly { readonly name: string; readonly value: number }[],
  highlight: string,
): string {
  const sorted = bars.toSorted((a, b) => b.value - a.value);
  const most = sorted[0]?.value ?? 1;
  const room = WIDTH - LABEL - 90;
  const height = TOP + sorted.length * ROW + 12;
  const rows = sorted.map(({ name, value }, index) => {
    const y = TOP + index * ROW;
    const width = Math.max(2, Math.round(room * value / most));
    const kind = name === highlight ? "bar ours" : "bar";
    return `  <text class="name" x="${LABEL - 10}" y="${y + 17}">${escapeXml(name)}</text>
  <rect class="${kind}" x="${LABEL}" y="${y}" width="${width}" height="24" rx="3"/>
  <text class="value" x="${LABEL + width + 8}" y="${y + 17}">${figure(value)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${
    escapeXml(title)
  }">
  <style>
    text { font: 14px system-ui, sans-serif; fill: #24292f; }
    .title { font-weight: 600; font-size: 15px; }
    .name { text-anchor: end; }
    .bar { fill: #9aa4b2; }
    .ours { fill: #2563eb; }
    @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .bar { fill: #57606a; } .ours { fill: #6ea8fe; } }
  </style>
  <text class="title" x="12" y="26">${escapeXml(title)}</text>
${rows.join("\n")}
</svg>
`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
