import { describe, expect, it } from "vitest";
import * as z from "zod";
import { JOB_PARAMS, ORDER_PARAMS, ORDERS_PARAMS, TASKS_PARAMS } from "../../src/admin/api.ts";
import { NO_PARAMS, type Params, readParams } from "../../src/admin/params.ts";
import { RefusedRequestError } from "../../src/admin/refusal.ts";

function refusal(text: string, params: Params): string {
  try {
    readParams(text, params);
  } catch (error) {
    expect(error).toBeInstanceOf(RefusedRequestError);
    expect(error).toMatchObject({ status: 400, exit: "usage" });
    return (error as Error).message;
  }
  throw new Error(`${text} was taken`);
}

const RANGE = "expected a whole number from 1 to 200";
const STATUS = "expected one of: 0, 1, 2, 3, 4, 9";
const ID = "expected an order id: 1 to 64 characters, none of them a control character";
const ALL = "allowed are push_status, ack_status, ship_status, invoice_status, limit, offset";

describe("a query", () => {
  it.each<[string, Params, object]>([
    ["", ORDERS_PARAMS, { limit: 50, offset: 0 }],
    ["push_status=&limit=", ORDERS_PARAMS, { limit: 50, offset: 0 }],
    ["push_status=9&ack_status=0&limit=200&offset=1000000000", ORDERS_PARAMS, { push_status: 9, ack_status: 0, limit: 200, offset: 1e9 }],
    ["&&limit=7&", ORDERS_PARAMS, { limit: 7, offset: 0 }],
    ["dsco_order_id=a%20b+c%2B", ORDER_PARAMS, { dsco_order_id: "a b c+" }],
    [`dsco_order_id=${"9".repeat(64)}`, ORDER_PARAMS, { dsco_order_id: "9".repeat(64) }],
    ["dsco_order_id=a=b", ORDER_PARAMS, { dsco_order_id: "a=b" }],
    ["job=sync_stock", JOB_PARAMS, { job: "sync_stock" }],
    ["", TASKS_PARAMS, { status: 0, limit: 50, offset: 0 }],
    ["status=", TASKS_PARAMS, { status: "", limit: 50, offset: 0 }],
    ["status=3", TASKS_PARAMS, { status: 3, limit: 50, offset: 0 }],
    ["", NO_PARAMS, {}],
  ])("%j is read", (text, params, expected) => {
    expect(readParams(text, params)).toEqual(expected);
  });

  it.each<[string, Params, string]>([
    ["limit=-1", ORDERS_PARAMS, `limit: got "-1"; ${RANGE}`],
    ["limit=0", ORDERS_PARAMS, `limit: got "0"; ${RANGE}`],
    ["limit=201", ORDERS_PARAMS, `limit: got "201"; ${RANGE}`],
    ["limit=1e2", ORDERS_PARAMS, `limit: got "1e2"; ${RANGE}`],
    ["limit=0x10", ORDERS_PARAMS, `limit: got "0x10"; ${RANGE}`],
    ["limit=5.5", ORDERS_PARAMS, `limit: got "5.5"; ${RANGE}`],
    ["limit=+5", ORDERS_PARAMS, `limit: got " 5"; ${RANGE}`],
    ["limit=%D9%A5", ORDERS_PARAMS, `limit: got "٥"; ${RANGE}`],
    ["limit=1&limit=2", ORDERS_PARAMS, `limit: given 2 times; ${RANGE}`],
    ["limit=1&LIMIT=2", ORDERS_PARAMS, `LIMIT: unknown; ${ALL}`],
    ["offset=x", ORDERS_PARAMS, 'offset: got "x"; expected a whole number from 0 to 1000000000'],
    ["offset=99999999999999999999", ORDERS_PARAMS, 'offset: got "99999999999999999999"; expected a whole number from 0 to 1000000000'],
    ["push_status=7", ORDERS_PARAMS, `push_status: got "7"; ${STATUS}`],
    ["push_status=00", ORDERS_PARAMS, `push_status: got "00"; ${STATUS}`],
    ["push_status=0,1", ORDERS_PARAMS, `push_status: got "0,1"; ${STATUS}`],
    ["nothing=", ORDERS_PARAMS, `nothing: unknown; ${ALL}`],
    ["push_status[]=0", ORDERS_PARAMS, `push_status[]: unknown; ${ALL}`],
    ["status=0", ORDERS_PARAMS, `status: unknown; ${ALL}`],
    ["status=4", TASKS_PARAMS, 'status: got "4"; expected one of: 0, 1, 2, 3, or empty for all'],
    ["dsco_order_id=%00", ORDER_PARAMS, `dsco_order_id: got "\\u0000"; ${ID}`],
    ["dsco_order_id=1%0a2", ORDER_PARAMS, `dsco_order_id: got "1\\n2"; ${ID}`],
    [`dsco_order_id=${"9".repeat(65)}`, ORDER_PARAMS, `dsco_order_id: got "${"9".repeat(40)}…"; ${ID}`],
    ["dsco_order_id=1&dsco_order_id=1", ORDER_PARAMS, `dsco_order_id: given 2 times; ${ID}`],
    ["", ORDER_PARAMS, `dsco_order_id: not given; ${ID}`],
    ["dsco_order_id=", ORDER_PARAMS, `dsco_order_id: not given; ${ID}`],
    ["limit=%zz", ORDERS_PARAMS, "limit: not percent-encoded UTF-8; expected %25 for a percent sign"],
    ["limit=%ff", ORDERS_PARAMS, "limit: not percent-encoded UTF-8; expected %25 for a percent sign"],
    ["%zz=1", ORDERS_PARAMS, '"%zz": not percent-encoded UTF-8; expected %25 for a percent sign'],
    ["__proto__=1", ORDERS_PARAMS, `__proto__: unknown; ${ALL}`],
    ["constructor=1&toString=1", NO_PARAMS, "constructor: unknown; allowed is none here; toString: unknown; allowed is none here"],
    ["limit=-1&offset=x", ORDERS_PARAMS, `limit: got "-1"; ${RANGE}; offset: got "x"; expected a whole number from 0 to 1000000000`],
  ])("%j is refused by name", (text, params, expected) => {
    expect(refusal(text, params)).toBe(expected);
  });
});

it("a field may be allowed several times", () => {
  const id = z.string({ error: "an id" });
  const params = z.strictObject({ id: z.union([z.array(id), id.transform((one) => [one])], { error: "ids" }) });
  expect(readParams("id=1", params)).toEqual({ id: ["1"] });
  expect(readParams("id=1&id=2", params)).toEqual({ id: ["1", "2"] });
});
