import nock from "nock";
import { afterEach, beforeEach, expect } from "vitest";
import type { CallEvent, HttpDeps } from "../../src/http/deps.ts";

const unmatched: string[] = [];

/**
 * Mocks HTTP with nock for the tests of a file. A request nobody mocked fails its test, and so does a mock nobody used: without that a
 * forgotten mock reads as "no answer" and passes as a retry. Database connections are no HTTP and stay as they are.
 */
export function useHttpMocks(): void {
  beforeEach(() => {
    if (!nock.isActive()) nock.activate();
    nock.disableNetConnect();
    nock.emitter.on("no match", noteUnmatched);
  });
  afterEach(() => {
    const problems = takeHttpProblems();
    nock.emitter.off("no match", noteUnmatched);
    nock.abortPendingRequests();
    nock.enableNetConnect();
    nock.restore();
    expect(problems).toEqual([]);
  });
}

/** What went wrong with the mocks so far, all mocks removed: for a test about just that. */
export function takeHttpProblems(): string[] {
  const problems = [
    ...unmatched.splice(0).map((request) => `not mocked: ${request}`),
    ...nock.pendingMocks().map((mock) => `mocked but not called: ${mock}`),
  ];
  nock.cleanAll();
  return problems;
}

interface MockedRequest {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly options?: { readonly host?: string };
}

/** nock hands over one object where it knows the host and two where it does not. */
function noteUnmatched(request: MockedRequest, options: MockedRequest = request.options ?? {}): void {
  const host = request.host ?? options.host ?? "an unknown host";
  unmatched.push(`${request.method} ${host.replace(/:\d+$/, "")}${request.path?.split("?")[0]}`);
}

export interface TestDeps extends HttpDeps {
  /** Milliseconds of every wait between tries. */
  readonly slept: number[];
  readonly events: CallEvent[];
  /** Every log line as JSON. */
  readonly lines: string[];
  /** What `now` answers; moved by hand. */
  clock: Date;
}

/** Dependencies of a client that neither wait nor draw lots: `random` is 0, so a wait is its floor. */
export function testDeps(overrides: Partial<HttpDeps> = {}): TestDeps {
  const slept: number[] = [];
  const events: CallEvent[] = [];
  const lines: string[] = [];
  const write = (event: string, fields?: Record<string, unknown>) => void lines.push(JSON.stringify({ event, ...fields }));
  const deps: TestDeps = {
    dryRun: false,
    log: { debug: write, warn: write },
    redact: (text) => text,
    sleep: async (ms) => void slept.push(ms),
    random: () => 0,
    now: () => deps.clock,
    onCall: (event) => void events.push(event),
    slept,
    events,
    lines,
    clock: new Date("2025-11-22T08:00:00Z"),
    ...overrides,
  };
  return deps;
}

/** Everything an error says, through its causes, its stack and its own fields: where a secret might hide. */
export function everythingIn(error: unknown, depth = 0): string {
  if (!(error instanceof Error) || depth > 6) return String(error);
  const own = Object.getOwnPropertyNames(error).map((name) => String(Reflect.get(error, name)));
  return [error.name, ...own, everythingIn(error.cause, depth + 1)].join("\n");
}
