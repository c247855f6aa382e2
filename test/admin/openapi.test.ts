import { describe, expect, it } from "vitest";
import { ROUTES } from "../../src/admin/routes.ts";
import { EXIT } from "../../src/exit-codes.ts";
import { JOB_NAMES } from "../../src/sync/job-name.ts";
import { STAGE_STATUS, TASK_TYPES } from "../../src/sync/stage.ts";
import { API, type ApiParameter, expectAsDocumented, resolved } from "./openapi.ts";

const documented = Object.entries(API.paths).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
);
const operation = (method: string, path: string) => {
  const found = API.paths[path]?.[method.toLowerCase() as "get" | "post"];
  if (found === undefined) throw new Error(`${method} ${path} is not documented`);
  return found;
};

describe("docs/openapi-admin.yaml", () => {
  it("has exactly the routes there are", () => {
    expect(API.openapi).toMatch(/^3\.1/);
    expect(documented.sort()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort());
  });

  it.each(ROUTES.map((route) => ({ name: `${route.method} ${route.path}`, route })))("knows the parameters of $name", ({ route }) => {
    const parameters = (operation(route.method, route.path).parameters ?? []).map((parameter) => resolved<ApiParameter>(parameter));
    const shape = Object.entries(route.query.shape).map(([name, schema]) => ({ name, required: !schema.safeParse(undefined).success }));
    expect(parameters.map(({ name, required = false }) => ({ name, required }))).toEqual(shape);
  });

  it.each(ROUTES.map((route) => ({ name: `${route.method} ${route.path}`, route })))("says whom $name lets in", ({ route }) => {
    const { security, responses } = operation(route.method, route.path);
    expect(security).toEqual(route.auth === "none" ? [] : route.auth === "sign_in" ? [{}] : undefined);
    expect("401" in responses).toBe(route.auth !== "none");
  });

  it("names the same jobs, statuses, task types and exits as the code", () => {
    const { JobName, StageStatus, Task, Error: error, FailedRun } = API.components.schemas;
    expect(JobName?.enum).toEqual(JOB_NAMES);
    expect(StageStatus?.enum).toEqual(Object.values(STAGE_STATUS));
    expect(Task?.properties).toMatchObject({ task_type: { enum: TASK_TYPES } });
    const exits = Object.entries(EXIT).filter(([name]) => name !== "ok" && name !== "findings");
    expect(error?.properties).toMatchObject({
      code: { enum: exits.map(([, { code }]) => code) },
      name: { enum: exits.map(([name]) => name) },
    });
    const failing = exits.filter(([name]) => name !== "partial" && name !== "deadline");
    expect(FailedRun?.properties).toMatchObject({
      exit: { properties: { code: { enum: failing.map(([, { code }]) => code) }, name: { enum: failing.map(([name]) => name) } } },
    });
  });

  it("is compared with real answers field by field", () => {
    const check = (document: unknown) => () => expectAsDocumented("GET", "/healthz", 200, "application/json", JSON.stringify(document));
    expect(check({ ok: true })).not.toThrow();
    expect(check({ ok: true, more: 1 })).toThrow(/more|additional/);
    expect(check({})).toThrow(/ok/);
    expect(() => expectAsDocumented("GET", "/healthz", 500, "application/json", "{}")).toThrow(/documented/);
  });
});
