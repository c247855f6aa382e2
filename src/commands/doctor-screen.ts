import type { Finding, Status } from "../doctor/finding.ts";
import type { DoctorReport } from "../doctor/report.ts";
import { printable, WIDTH, wrapCommand } from "./columns.ts";
import { GUTTER, labelled, labelledLines } from "./labelled.ts";
import type { Paint, Tone } from "./paint.ts";

const TONE: Readonly<Record<Status, Tone>> = { fail: "alarm", warn: "warn", pass: "good" };

/** What fails first, then what is odd, then what is well; the figures last, where the eye is when a long text has scrolled by. */
export function doctorScreen({ findings, pass, warn, fail }: DoctorReport, paint: Paint): string {
  const blocks = (["fail", "warn"] as const).flatMap((status) => alike(findings.filter((finding) => finding.status === status)));
  const figures = [
    fail > 0 ? paint.alarm(`${fail} fail`) : "0 fail",
    warn > 0 ? paint.warn(`${warn} warn`) : "0 warn",
    paint.good(`${pass} pass`),
  ];
  const parts = [...blocks.map((block) => troubleLines(block, paint)), wellLines(findings, paint), [figures.join(", ")]];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.map((line) => line.trimEnd()).join("\n")}\n`)
    .join("\n");
}

/** Findings with the same remedy are told together: it is to be done once. */
function alike(findings: readonly Finding[]): Finding[][] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = JSON.stringify(finding.remedy);
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()];
}

function troubleLines(findings: readonly Finding[], paint: Paint): string[] {
  const [first] = findings;
  if (first === undefined) return [];
  const { status, remedy } = first;
  const told = [...new Set(findings.map(({ found }) => found))];
  return [
    ...labelled(status === "fail" ? "FAIL" : status, findings.map(({ id }) => id).join(", "), paint, TONE[status]),
    ...told.flatMap((found) => labelled("", found, paint)),
    ...(remedy === undefined ? [] : labelled("To do", remedy.command === undefined ? remedy.text : `${remedy.text}:`, paint)),
    ...(remedy?.command === undefined ? [] : labelledLines("", wrapCommand(printable(remedy.command), WIDTH - GUTTER), paint, "strong")),
  ];
}

/** Of dozens of settings that are as they should be, one line. */
function wellLines(findings: readonly Finding[], paint: Paint): string[] {
  const well = findings.filter(({ status }) => status === "pass");
  const settings = well.filter(({ id }) => id.startsWith("config.IPASS_"));
  const set = settings.filter(({ found }) => found !== "not set").length;
  const lines = [
    ...(settings.length > 0 ? [`config: ${settings.length} settings are usable, ${set} of them set (--json shows each)`] : []),
    ...well.filter((finding) => !settings.includes(finding)).map(({ id, found }) => `${id}: ${found}`),
  ];
  return lines.flatMap((line, index) => labelled(index === 0 ? "pass" : "", line, paint));
}
