import { type Finding, nextStep, type Status } from "./finding.ts";

/** What is shown of an examination, without any secret. */
export interface DoctorReport {
  readonly findings: readonly Finding[];
  readonly pass: number;
  readonly warn: number;
  readonly fail: number;
  /** What `ipass doctor --json` prints: kept stable, only ever added to. */
  readonly document: DoctorDocument;
}

export interface DoctorDocument {
  readonly checks: readonly {
    readonly id: string;
    readonly status: Status;
    readonly found: string;
    /** Null where nothing is to be done. */
    readonly next_step: string | null;
  }[];
  readonly pass: number;
  readonly warn: number;
  readonly fail: number;
}

export function doctorReport(found: readonly Finding[], redact: (text: string) => string): DoctorReport {
  const findings = found.map((finding) => withoutSecrets(finding, redact));
  const count = (status: Status) => findings.filter((finding) => finding.status === status).length;
  const counts = { pass: count("pass"), warn: count("warn"), fail: count("fail") };
  const checks = findings.map(({ id, status, found, remedy }) => ({
    id,
    status,
    found,
    next_step: remedy === undefined ? null : nextStep(remedy),
  }));
  return { findings, ...counts, document: { checks, ...counts } };
}

function withoutSecrets({ id, status, found, remedy }: Finding, redact: (text: string) => string): Finding {
  const shown = { id, status, found: redact(found) };
  if (remedy === undefined) return shown;
  // A command is made of our own words and of names; masked, it could not be pasted.
  return { ...shown, remedy: { ...remedy, text: redact(remedy.text) } };
}
