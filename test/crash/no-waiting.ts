import { vi } from "vitest";

/**
 * To be imported first: in the test's own process nobody waits. Passes that only tidy up are to take no time for pauses between two looks
 * into a log; those that are killed run in processes of their own and wait as ever.
 */
vi.mock("node:timers/promises", async (original) => ({
  ...(await original<typeof import("node:timers/promises")>()),
  setTimeout: async (_ms: number, value: unknown) => value,
}));
