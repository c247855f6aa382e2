import { EXIT, type ExitName } from "../exit-codes.ts";
import { inWords } from "./duration.ts";
import { clause } from "./explain-help.ts";
import type { Again, ExplainWords, Later, NextRun } from "./explain-words.ts";
import type { Stage, StageStatus } from "./stage.ts";

const TITLE: Readonly<Record<Stage, string>> = {
  push: "The push to Lingxing",
  ack: "The acknowledgement to DSCO",
  ship: "The shipment notice to DSCO",
  invoice: "The invoice to DSCO",
};
const VENDOR: Readonly<Record<Stage, string>> = { push: "Lingxing", ack: "DSCO", ship: "DSCO", invoice: "DSCO" };
const SHORT: Readonly<Record<StageStatus, string>> = {
  0: "waiting",
  1: "done",
  2: "failed",
  3: "waiting for a person",
  4: "not needed",
  9: "in flight",
};

const TROUBLE: Readonly<Partial<Record<string, string>>> = {
  internal: "report it, with the lines of error.log that carry its trace_id; by hand:",
  usage: "correct what it names, then:",
  refused: "see what the guard names; then:",
  configuration: "correct the setting, then:",
  credentials: "correct the credentials, the clock or the vendor's IP whitelist, then:",
  database: "see to the database, then:",
  vendor: "nothing is lost and each run tries again; if it lasts, ask the vendor. By hand:",
  deadline: "the next run goes on where it stopped; at once:",
  died: "see in info.log and in the system's log what killed it; by hand:",
};

/** What the shell says. */
export const ENGLISH: ExplainWords = {
  due: (stage, run) => `${TITLE[stage]} is due: ${nextRun(run)} takes it.`,
  putOff: (stage, until) => `${TITLE[stage]} waits until its next attempt ${later(until)}.`,
  notReady: (stage, reason, when) =>
    `${TITLE[stage]} is not ready yet: ${clause(reason)}; ${again(when, "looked at again", "looks again")}.`,
  failed(stage, { times, most, error, again: when }) {
    const often = times === 0 ? "" : ` ${times} time${times === 1 ? "" : "s"} (at ${most} a person is asked)`;
    return `${TITLE[stage]} failed${often}${after(": ", error)}; ${again(when, "tried again", "tries again")}.`;
  },
  inFlight(stage, { since, requestId, error, run, graceEnds, cancelled }) {
    const known = requestId === undefined ? "no answer yet" : `queued there as request ${requestId}`;
    const why = error === undefined ? "" : ` (${clause(error)})`;
    const grace = graceEnds === undefined ? "" : `, and not before its grace ends ${later(graceEnds)}`;
    const meanwhile = cancelled ? " DSCO has cancelled the order meanwhile; that is dealt with afterwards." : "";
    return `${TITLE[stage]} is in flight${after(" since ", since)}, ${known}${why}; ${nextRun(run)} asks ${VENDOR[stage]} what became of it. It is sent again only if it is not there${grace}.${meanwhile}`;
  },
  needsPerson: (stage, { error, hold }) =>
    `${TITLE[stage]} waits for a person: ${clause(error ?? hold?.replaceAll("_", " ") ?? "no reason is recorded")}.`,
  heldAhead: (stage, error) => `${TITLE[stage]} already waits for a person${after(": ", error)}.`,
  allDone: ({ trackingNo, invoiceId }) =>
    `All done: pushed, acknowledged, shipped${after(" under ", trackingNo)}, invoiced${after(" as ", invoiceId)}.`,
  cancelledBeforePush: "Cancelled at DSCO before it was pushed: nothing is left to do.",
  nothingLeft(statuses, cancelled) {
    const stages = Object.entries(statuses).map(([stage, status]) => `${stage} ${SHORT[status]}`);
    return `${cancelled ? "Cancelled at DSCO. " : ""}Nothing is left to do: ${stages.join(", ")}.`;
  },
  willBeClosed: "Cancelled at DSCO: the next run of any job closes what is still open.",
  willBeTakenUp: "No longer cancelled at DSCO: the next run of any job takes it up again.",
  willBeHeld: (stages) => `The retailer asks to cancel it: the next run of any job holds ${stages.join(" and ")} for a person.`,
  taskOpen: ({ id, type }) => `Task ${id} (${type}) is open.`,
  textKept:
    "DSCO sent an order without a readable dscoOrderId, or one too long to keep; its text is kept (of a long one the beginning) in the table dsco_order_raw.",

  switchedOff: (job) => `${job} is switched off.`,
  neverRan: (job) => `${job} has never run.`,
  notEnded: (job, agoMs) => `A run of ${job} began ${inWords(agoMs)} ago and has not ended, or died.`,
  silent: (job, agoMs, everyMs) => `${job} last ran ${inWords(agoMs)} ago and is meant to run every ${inWords(everyMs)}.`,
  endedWith(job, { agoMs, exit, error }) {
    const known = exit in EXIT ? EXIT[exit as ExitName] : undefined;
    const code = known === undefined ? exit : `${known.code} ${exit}`;
    return `The last run of ${job}, ${inWords(agoMs)} ago, ended with ${code}: ${clause(error ?? known?.meaning ?? "it was killed")}.`;
  },

  taskStep: (_, step) => step,
  closedTaskStep: "its task is closed but the stage is still held; if the cause is gone, let it be tried again:",
  textStep: "ask DSCO support for the order. The text holds the customer's name and address; in the database:",
  switchOnStep: (job) => `set IPASS_JOB_${job.toUpperCase()}_ENABLE=true, or run it this once all the same:`,
  cronStep: "see that cron starts it (ipass crontab prints the lines); by hand:",
  troubleStep: (exit) => TROUBLE[exit],

  joined: (sentences) => sentences.join(" "),
};

function nextRun({ job, when }: NextRun): string {
  const run = `the next run of ${job}`;
  if (when === "unforeseen") return run;
  if (when === "any_moment") return `${run} (any moment)`;
  return "inMs" in when ? `${run} (in ${inWords(when.inMs)})` : `the run of ${job} that began ${when.runningSince}, or the next one,`;
}

function again(when: Again, passive: string, active: string): string {
  return "at" in when ? `${passive} ${later(when.at)}` : `${nextRun(when.by)} ${active}`;
}

function later({ inMs, clock }: Later): string {
  return `in ${inWords(inMs)} (${clock})`;
}

/** A recorded text with what leads to it, or nothing. */
function after(lead: string, text: string | undefined): string {
  return text === undefined ? "" : `${lead}${clause(text)}`;
}
