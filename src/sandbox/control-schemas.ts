import * as z from "zod";
import { CALL_NAMES } from "./endpoint.ts";
import { isObject, type JsonObject } from "./json.ts";

/** Bodies of the control API; the same objects are the arguments of the in-process methods. */

const Fields = z.custom<JsonObject>((value) => isObject(value), "has to be an object of order fields");
/** Times as ISO 8601 or milliseconds since 1970. */
const Time = z.union([z.iso.datetime({ offset: true }), z.number()]).transform((value) => new Date(value).getTime());
const Times = { updatedAt: Time.optional(), visibleAt: Time.optional() };
const Ids = z.array(z.string().min(1));

export const OrdersInput = z.strictObject({
  add: z.array(z.strictObject({ order: Fields.optional(), ...Times })).optional(),
  patch: z.array(z.strictObject({ id: z.string(), set: Fields, ...Times })).optional(),
  cancel: Ids.optional(),
  uncancel: Ids.optional(),
  ...Times,
});
export type OrdersInput = z.input<typeof OrdersInput>;

const Milliseconds = z.number().min(0);
export const SettingsInput = z.strictObject({
  latencyMs: Milliseconds.optional(),
  readLagMs: Milliseconds.optional(),
  settleMs: Milliseconds.optional(),
  limits: z.boolean().optional(),
  bareIds: z.boolean().optional(),
  outboundLineNumbers: z.boolean().optional(),
  logPageSize: z.int().min(1).optional(),
  refuse: z.record(z.string(), z.string()).optional(),
  poison: z.array(z.string()).optional(),
  dscoClockMs: z.int().optional(),
  lingxingClockMs: z.int().optional(),
  lingxingBlocked: z.boolean().optional(),
  lingxingUngranted: z.array(z.enum(CALL_NAMES)).optional(),
});
export type SettingsInput = z.input<typeof SettingsInput>;

export const FaultsInput = z.strictObject({ faults: z.array(z.string()) });

const Numbers = Ids.optional();
export const AdvanceInput = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("review"), numbers: Numbers }),
  z.strictObject({
    action: z.literal("ship"),
    numbers: Numbers,
    trackingNumbers: z.array(z.string().min(1)).optional(),
    inOneField: z.boolean().optional(),
    withoutTracking: z.boolean().optional(),
    only: z.record(z.string(), z.int().min(0)).optional(),
    deliveredAt: z.string().optional(),
    asBundle: z.boolean().optional(),
  }),
  z.strictObject({ action: z.literal("shipByPlatform"), numbers: Numbers }),
  z.strictObject({ action: z.literal("cancel"), numbers: Numbers }),
  z.strictObject({ action: z.literal("delete"), numbers: Numbers }),
  z.strictObject({ action: z.literal("split"), numbers: Numbers }),
  z.strictObject({ action: z.literal("merge"), numbers: Ids.min(2) }),
  z.strictObject({ action: z.literal("status"), numbers: Numbers, status: z.int().min(1).max(9) }),
  z.strictObject({
    action: z.literal("stock"),
    rows: z.array(
      z.strictObject({
        wid: z.int(),
        sku: z.string().min(1),
        sellerId: z.string().optional(),
        fnsku: z.string().optional(),
        valid: z.int().optional(),
        remove: z.boolean().optional(),
      }),
    ),
  }),
]);
export type AdvanceInput = z.input<typeof AdvanceInput>;
