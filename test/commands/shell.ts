import { expect } from "vitest";
import type { CliResult } from "../helpers/cli.ts";
import { useWorld, type World } from "../jobs/world.ts";

export interface Failure {
  readonly error: { readonly code: number; readonly name: string; readonly message: string; readonly next_step: string };
}

export class Shell {
  readonly world: World;
  constructor(world: World) {
    this.world = world;
  }

  run(...args: readonly string[]): Promise<CliResult> {
    return this.world.start(args).done;
  }

  /** The one JSON document a command prints when all is well. */
  async json<T>(...args: readonly string[]): Promise<T> {
    const { code, stdout, stderr } = await this.run(...args, "--json");
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: "" });
    return only(stdout) as T;
  }

  /** How a command fails: as text on stderr and as one JSON document on stdout, both with the same words and the same code. */
  async failure(code: number, ...args: readonly string[]): Promise<Failure["error"]> {
    const [inText, inJson] = [await this.run(...args), await this.run(...args, "--json")];
    expect(inText).toMatchObject({ code, stdout: "" });
    expect(inText.stderr).not.toMatch(/\n\s+at /);
    expect(inJson).toMatchObject({ code, stderr: "" });
    const { error } = only(inJson.stdout) as Failure;
    expect(error).toMatchObject({ code, name: expect.any(String), message: expect.any(String), next_step: expect.any(String) });
    expect(error.next_step).not.toBe("");
    const timeless = (text: string) => text.replace(/\d{2}:\d{2}:\d{2}\.\d{3}Z/g, "…");
    expect(timeless(inText.stderr)).toBe(timeless(`ipass: ${error.message}\n${error.next_step}\n`));
    return error;
  }
}

export async function useShell(): Promise<Shell> {
  return new Shell(await useWorld());
}

function only(stdout: string): unknown {
  const lines = stdout.split("\n").filter((line) => line !== "");
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? "");
}

export const UTC_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
