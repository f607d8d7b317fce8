"""How does a page look, on a screen and on paper?"""

from typing import Final

__all__ = ["STYLE"]

STYLE: Final = """
:root { color-scheme: light dark; --ink: #1d2430; --paper: #fff; --faint: #5b6472; --line: #d5dae1;
  --good: #2f7d4f; --fair: #9a6b00; --bad: #b3322a; --plain: #5f7490; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --paper: #14181f; --faint: #a3adba; --line: #39424f;
  --good: #5fbf87; --fair: #d9a73a; --bad: #ef7d74; --plain: #8fa6c4; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .5rem; padding-top: .5rem; border-top: 2px solid var(--line);
  overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { margin: .25rem 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; }
th { font-weight: 600; color: var(--faint); }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.status { font-weight: 600; }
.success, .planned, .running { color: var(--good); }
.error, .interrupted { color: var(--bad); }
.warning { color: var(--fair); }
.faint, footer { color: var(--faint); }
footer { margin-top: 3rem; font-size: .85rem; }
.scrolls { overflow-x: auto; }
.bar { display: block; width: 100%; min-width: 6rem; height: .9rem; margin: .25rem 0; background: var(--line); }
.rates { display: block; width: 100%; height: 10rem; fill: var(--plain); stroke: var(--paper); stroke-width: .5; }
.rates line { stroke: var(--faint); stroke-width: 1; }
.axis { display: flex; justify-content: space-between; color: var(--faint); font-size: .85rem; }
.written { fill: var(--good); }
.merged, .mismatched { fill: var(--plain); }
.invalid, .rejected { fill: var(--bad); }
.unsettled { fill: var(--fair); }
@media print {
  :root { --ink: #000; --paper: #fff; --faint: #444; --line: #bbb; --good: #2f7d4f; --fair: #9a6b00; --bad: #b3322a;
    --plain: #5f7490; }
  body { font-size: 10pt; } main { max-width: none; padding: 0; } .scrolls { overflow: visible; }
  h1, h2, h3 { break-after: avoid; } tr, svg { break-inside: avoid; } thead { display: table-header-group; }
  .bar, .bar rect, .rates rect { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
