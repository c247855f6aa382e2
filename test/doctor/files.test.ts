import { describe, expect, it } from "vitest";
import { judgeEnvFile, judgeLogDirectory, judgeLogSpace } from "../../src/doctor/judge/files.ts";

const MEBI = 1024 * 1024;
const logs = (over: object) => ({ path: "/srv/ipass/my logs", failure: undefined, freeBytes: 5_000 * MEBI, ...over });

describe("the directory of the logs", () => {
  it.each([
    [undefined, "pass", undefined],
    ["EACCES", "fail", "chown <user> '/srv/ipass/my logs'"],
    ["EROFS", "fail", undefined],
    ["ENOTDIR", "fail", undefined],
    ["EEXIST", "fail", undefined],
    ["ENOSPC", "fail", "-delete"],
  ])("with %s is a %s", (failure, status, command) => {
    const found = judgeLogDirectory(logs({ failure }));
    expect(found).toMatchObject({ id: "log.directory", status });
    if (command === undefined) expect(found.remedy?.command).toBeUndefined();
    else expect(found.remedy?.command).toContain(command);
  });

  it.each([
    [200 * MEBI, "pass"],
    [200 * MEBI - 1, "warn"],
    [20 * MEBI, "warn"],
    [20 * MEBI - 1, "fail"],
    [0, "fail"],
    [undefined, "warn"],
  ])("on a disk with %s bytes free is a %s", (freeBytes, status) => {
    expect(judgeLogSpace(logs({ freeBytes }))).toMatchObject({ id: "log.space", status });
  });
});

describe(".env", () => {
  it.each([
    { name: "for its owner only", mode: 0o100600, failure: undefined, variables: 5, status: "pass", found: "owner only (0600)" },
    { name: "for a group too", mode: 0o100640, failure: undefined, variables: 5, status: "pass", found: "owner and group only (0640)" },
    { name: "for everybody", mode: 0o100644, failure: undefined, variables: 5, status: "warn", found: "(0644)" },
    { name: "writable by everybody", mode: 0o100602, failure: undefined, variables: 5, status: "warn", found: "(0602)" },
    { name: "that cannot be read", mode: undefined, failure: "EACCES", variables: 0, status: "fail", found: "cannot be read (EACCES)" },
    {
      name: "that is not there, with settings all the same",
      mode: undefined,
      failure: undefined,
      variables: 5,
      status: "pass",
      found: "environment",
    },
    {
      name: "that is not there, and nothing is set",
      mode: undefined,
      failure: undefined,
      variables: 0,
      status: "fail",
      found: "no variable",
    },
  ])("$name: $status", ({ mode, failure, variables, status, found }) => {
    const judged = judgeEnvFile({ path: "/srv/ipass/.env", mode, failure, variables });
    expect(judged).toMatchObject({ id: "env_file", status });
    expect(judged.found).toContain(found);
    if (status === "warn") expect(judged.remedy?.command).toBe("chmod o= /srv/ipass/.env");
  });
});
