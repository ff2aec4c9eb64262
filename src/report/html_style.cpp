// The page's style: one column that a phone shows too, colours for light and dark with a contrast of 4.5 at least (a test
// computes it), a visible focus, and a sensible page on paper.
#include "report/html_parts.h"

namespace kverify::report {

const char* const kHtmlStyle = R"css(
:root{color-scheme:light dark;--bg:#fff;--panel:#f6f8fa;--fg:#1f2328;--muted:#57606a;--line:#d0d7de;--link:#0550ae;
--good:#0f5323;--good-bg:#dafbe1;--bad:#9a0d22;--bad-bg:#ffe9e7;--warn:#6a4300;--warn-bg:#fff4c4;--tested:#0a3069;--tested-bg:#ddf4ff;
--kw:#8250df;--str:#0a3069;--num:#0550ae;--com:#57606a;--cuda:#953800;--pre:#6639ba;
--w0:#cfe8ff;--w1:#d3f4d0;--w2:#ffe0b8;--w3:#eddcff;--w4:#c9f1ee;--w5:#ffd9e6;--w6:#e6e9b0;--w7:#dfe3e8;
--hot:#ffb3a8;--warm:#ffdfa0;--cool:#d3f4d0;--cold:#e8f5ff;--error:#0550ae;--bound:#9a0d22;--naive:#57606a}
@media (prefers-color-scheme:dark){:root{--bg:#0d1117;--panel:#161b22;--fg:#e6edf3;--muted:#9da7b3;--line:#3d444d;--link:#79b8ff;
--good:#86e5a6;--good-bg:#10301c;--bad:#ffb1a8;--bad-bg:#481318;--warn:#f0c75e;--warn-bg:#3a2c04;--tested:#a5d0ff;--tested-bg:#0f2a4a;
--kw:#d2a8ff;--str:#a5d6ff;--num:#79c0ff;--com:#9da7b3;--cuda:#ffa657;--pre:#d2a8ff;
--w0:#12395f;--w1:#17401f;--w2:#553207;--w3:#42256a;--w4:#0d4745;--w5:#5d1a36;--w6:#41450c;--w7:#3a4250;
--hot:#7d1d18;--warm:#5f4300;--cool:#17401f;--cold:#12304d;--error:#79c0ff;--bound:#ffa198;--naive:#9da7b3}}
*{box-sizing:border-box}
html{scroll-behavior:smooth}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0 auto;max-width:1120px;padding:0 20px 48px;background:var(--bg);color:var(--fg);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;overflow-wrap:break-word}
code,pre,.code,.id,.path{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
code,pre{font-size:.875em}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-9999px;top:8px;background:var(--bg);padding:8px 14px;border:2px solid var(--link);z-index:2}
.skip:focus{left:12px}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
h1{font-size:1.9rem;line-height:1.2;margin:.1em 0 .35em}
h2{font-size:1.4rem;line-height:1.3;margin:0 0 .3em;overflow-wrap:anywhere}
h3{font-size:1.12rem;margin:2em 0 .6em;padding-bottom:.25em;border-bottom:1px solid var(--line)}
h4{font-size:1rem;margin:1.2em 0 .4em}
p{margin:.5em 0}
.top{padding:28px 0 8px}
.brand{margin:0;color:var(--muted);font-weight:600;letter-spacing:.02em}
.lead{font-size:1.1rem}
.meaning,p.facts,.path,.legend,figcaption{color:var(--muted)}
.path{font-size:.875rem;overflow-wrap:anywhere;margin:.1em 0}
.badge{display:inline-block;padding:.08em .6em;border-radius:2em;font-weight:600;font-size:.85em;white-space:nowrap;border:1px solid;font-family:inherit}
.certified,.proved{color:var(--good);background:var(--good-bg)}
.tested{color:var(--tested);background:var(--tested-bg)}
.badge.refuted,.badge.error{color:var(--bad);background:var(--bad-bg)}
.inconclusive,.unknown{color:var(--warn);background:var(--warn-bg)}
h1 .badge{font-size:1em;padding:.12em .7em}
h2 .badge{font-size:.62em;vertical-align:middle}
.kernel{margin:28px 0;padding:22px 24px;border:1px solid var(--line);border-radius:10px}
.kernel>details>summary{cursor:pointer}
.kernel>details>summary h2{display:inline}
.grounds{font-weight:600}
.alert{background:var(--warn-bg);color:var(--warn);padding:.6em .9em;border-radius:6px;border-left:4px solid}
.alert pre{white-space:pre-wrap}
dl{margin:.6em 0}
dl.facts>div,dl.scopes>div{display:grid;grid-template-columns:9.5em 1fr;gap:.2em 1em;padding:.22em 0}
dl.scopes>div{grid-template-columns:2.2em 1fr}
dt{color:var(--muted);font-weight:600}
dl.scopes dt{color:var(--fg)}
dd{margin:0;overflow-wrap:anywhere;color:var(--fg)}
:target{scroll-margin-top:12px}
div:target,tr:target>*{background:var(--warn-bg)}
table{border-collapse:collapse;width:100%;font-size:.94rem}
caption{text-align:left;color:var(--muted);padding:.2em 0 .5em;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.45em .8em .45em 0;border-bottom:1px solid var(--line)}
thead th{font-size:.85rem;color:var(--muted);white-space:nowrap}
tbody th{font-weight:400}
.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.id{font-size:.92em;font-weight:600}
.checks td:nth-child(2){white-space:nowrap}
.checks tbody th{width:38%}
.by{display:grid;grid-template-columns:4.8rem 1fr}
.stage,.lesser{color:var(--muted)}
.lesser{font-size:.92em}
.about{color:var(--muted);font-size:.9em}
.scroll{overflow-x:auto;margin:.6em 0}
.finding{margin:18px 0;padding:14px 18px;border:1px solid var(--line);border-left:5px solid var(--bad);border-radius:8px;background:var(--panel)}
.finding.warning,.finding.unconfirmed{border-left-color:var(--warn)}
.finding.note{border-left-color:var(--muted)}
.finding h4{margin:0;font-size:1.05rem}
.word{color:var(--bad)}
.warning .word,.unconfirmed .word{color:var(--warn)}
.note .word{color:var(--muted)}
.places{padding-left:1.4em;margin:.7em 0}
.places pre{margin:.25em 0;padding:.4em .7em;background:var(--bg);border:1px solid var(--line);border-radius:5px;overflow-x:auto}
pre{overflow-x:auto;margin:.5em 0}
details>summary{cursor:pointer;color:var(--link);width:fit-content}
.kernel>details>summary{color:inherit;width:auto}
figure{margin:1em 0}
figcaption{font-size:.9rem}
.timing{max-width:640px}
.timing td:last-child{width:50%}
.bar{display:inline-block;height:.8em;min-width:2px;background:var(--error);border-radius:2px}
.source{font-size:.9rem;border:1px solid var(--line)}
.source caption{font-family:ui-monospace,monospace}
.source th,.source td{border:0;padding:0 .6em;line-height:1.5}
.source code{white-space:pre;tab-size:4;overflow-wrap:normal}
.source tbody th{color:var(--muted);text-align:right;font:.85em/1.75 ui-monospace,monospace;user-select:none;width:1%;white-space:nowrap}
.gutter{width:1%;white-space:nowrap;border-right:1px solid var(--line)!important}
.source .bad>*{background:var(--bad-bg)}
.source .open>.gutter{background:var(--warn-bg)}
.source .bad code span,.source .bad th{color:var(--fg)}
.said td{font-size:.95em;padding-bottom:.3em}
.said a{color:var(--bad);font-weight:600}.said.warning a,.said.unconfirmed a{color:var(--warn)}.said.note a{color:var(--muted)}
.gap td{color:var(--muted);text-align:center}
.mark{display:inline-block;font-size:.85em;font-weight:600}
.mark summary{list-style:none;color:inherit;padding:0 .2em}
.mark summary::-webkit-details-marker{display:none}
.mark[open]{display:block}
.mark .names{display:block;white-space:normal;width:17em;font-weight:400;padding:.1em .2em .3em}
.yes{color:var(--good)}.maybe{color:var(--warn)}.no{color:var(--bad)}
.source .c{color:var(--com)}.source .s{color:var(--str)}.source .n{color:var(--num)}.source .k{color:var(--kw)}.source .b{color:var(--cuda)}.source .p{color:var(--pre)}
.picture{display:block;max-width:none;font-family:system-ui,"Liberation Sans",sans-serif;font-size:13px}
.picture text{fill:var(--fg)}
.picture .small{font-size:12px;fill:var(--muted)}
.picture .strong{font-weight:600}
.picture .code{font-family:ui-monospace,"Liberation Mono",monospace;font-size:12.5px}
.lane .fill{fill:var(--bg);stroke:var(--line)}
.event .fill{fill:var(--bad-bg);stroke:var(--bad)}
.event .small{fill:var(--fg)}
.barrier .fill{fill:var(--tested-bg);stroke:var(--tested)}
.barrier text{fill:var(--tested)}
.rail .stroke{stroke:var(--line);stroke-width:2;stroke-dasharray:3 4}
.conflict .stroke{stroke:var(--bad);stroke-width:2.5;stroke-dasharray:6 4}
.conflict .fill{fill:var(--bad)}
.verdictline text{fill:var(--bad);font-weight:600}
.cell rect{fill:var(--w7);stroke:none}
.cell text{font-size:11px}
.cell.nobody rect{fill:var(--bg);stroke:var(--line);stroke-dasharray:3 2}
.cell.host rect{fill:var(--panel);stroke:var(--line)}
.w0 rect{fill:var(--w0)}.w1 rect{fill:var(--w1)}.w2 rect{fill:var(--w2)}.w3 rect{fill:var(--w3)}.w4 rect{fill:var(--w4)}.w5 rect{fill:var(--w5)}.w6 rect{fill:var(--w6)}.w7 rect{fill:var(--w7)}
.r0 rect{fill:var(--cold)}.r1 rect{fill:var(--cool)}.r2 rect{fill:var(--warm)}.r3 rect,.rx rect{fill:var(--hot)}
.cell.missed rect{fill:var(--bg);stroke:var(--bad);stroke-width:1.5;stroke-dasharray:4 3}
.cell.missed text{fill:var(--bad);font-weight:600}
.cell.earlier rect{fill:var(--panel);stroke:var(--line)}
.cell.conflict rect{fill:var(--bad-bg);stroke:var(--bad);stroke-width:1.5}
.cell.conflict text{fill:var(--bad);font-weight:600}
.cell.focus rect{stroke:var(--fg);stroke-width:2.5;stroke-dasharray:none}
.plot .grid{stroke:var(--line)}
.plot .limit{stroke:var(--bound);stroke-width:2}
.plot .curve{fill:none;stroke-width:2}
.plot .stem{stroke-width:3;fill:none}
.plot .bad{fill:var(--bad);font-weight:600}
.s-error{stroke:var(--error)}.s-error.dot{fill:var(--error)}.s-bound{stroke:var(--bound)}.s-bound.dot{fill:var(--bound)}
.s-naive{stroke:var(--naive);stroke-dasharray:5 4}.s-naive.dot{fill:var(--naive);stroke-dasharray:none}.s-over{stroke:var(--bad)}
footer{border-top:1px solid var(--line);margin-top:40px;padding-top:20px;font-size:.94rem}
@media (max-width:640px){body{padding:0 12px 32px}.kernel{padding:14px}dl.facts>div{grid-template-columns:1fr}.finding{padding:12px}
.checks thead,.index thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.checks tr,.checks th,.checks td,.index tr,.index th,.index td{display:block;width:auto!important;border:0;padding:.12em 0;text-align:left}
.checks tr,.index tr{border-bottom:1px solid var(--line);padding:.5em 0}}
@media print{body{max-width:none;padding:0;font-size:11pt}.skip{display:none}.kernel,.finding{break-inside:auto}h2,h3,h4{break-after:avoid}
figure,tr{break-inside:avoid}.scroll{overflow:visible}details::details-content{content-visibility:visible;display:block}
.source code{white-space:pre-wrap}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
)css";

} // namespace kverify::report
