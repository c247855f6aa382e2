import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { expect } from "vitest";
import { parse } from "yaml";

export interface ApiParameter {
  readonly name: string;
  readonly in: "query";
  readonly required?: boolean;
}

interface ApiResponse {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
  readonly headers?: Readonly<Record<string, unknown>>;
}

export interface Operation {
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly (ApiParameter | { readonly $ref: string })[];
  readonly responses: Readonly<Record<string, ApiResponse | { readonly $ref: string }>>;
}

interface ApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<"get" | "post", Operation | undefined>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly enum?: readonly unknown[]; readonly properties?: object }>> };
}

export const API = parse(readFileSync(new URL("../../docs/openapi-admin.yaml", import.meta.url), "utf8")) as ApiDocument;

const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addFormat("date-time", (text: string) => !Number.isNaN(Date.parse(text)));
ajv.addSchema(API, "api");
const validators = new Map<string, ValidateFunction>();

/** A part of the document, `$ref`s followed. */
export function resolved<T extends object>(part: T | { readonly $ref: string }): T {
  if (!("$ref" in part)) return part;
  const path = (part.$ref as string).slice(2).split("/");
  return path.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], API) as T;
}

/** Expects an answer to be one that docs/openapi-admin.yaml promises: its status, its type, and every field of its JSON. */
export function expectAsDocumented(method: string, path: string, status: number, contentType: string | null, body: string): void {
  const what = `${method} ${path} ${status}`;
  const operation = API.paths[path]?.[method.toLowerCase() as "get" | "post"];
  if (operation === undefined) expectError(what, status, body);
  else expectResponse(what, operation.responses[String(status)], contentType, body);
}

function expectResponse(
  what: string,
  response: Operation["responses"][string] | undefined,
  contentType: string | null,
  body: string,
): void {
  expect(response, `${what} is documented`).toBeDefined();
  const { content } = response === undefined ? {} : resolved(response);
  if (content === undefined) {
    expect(body, what).toBe("");
    return;
  }
  const type = contentType?.split(";")[0] ?? "";
  expect(Object.keys(content), `${what} is of a documented type`).toContain(type);
  if (type === "application/json") expectValid(what, content[type]?.schema ?? {}, body);
}

/** What is not in the document at all is 404, in the form of every error. */
function expectError(what: string, status: number, body: string): void {
  expect([404, 413], what).toContain(status);
  expectValid(what, { $ref: "#/components/schemas/ErrorDocument" }, body);
}

function expectValid(what: string, schema: object, body: string): void {
  const text = JSON.stringify(schema).replaceAll('"#/', '"api#/');
  const validate = validators.get(text) ?? ajv.compile(JSON.parse(text) as object);
  validators.set(text, validate);
  expect(validate(JSON.parse(body)), `${what}: ${ajv.errorsText(validate.errors)} in ${body.slice(0, 500)}`).toBe(true);
}
