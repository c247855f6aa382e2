import * as z from "zod";

/**
 * Only the fields ipass reads, and each of them lenient: what is missing or odd is found at the push and named to a person, while one that
 * failed here would hold up its whole page.
 */
const lenient = <T>(schema: z.ZodType<T>) => schema.optional().catch(undefined);

const Scalar = z.union([z.string(), z.number()]);
/** Text, trimmed; blank counts as absent. Numbers are taken for text: postal codes, phones and SKUs arrive as both. */
const text = lenient(Scalar.transform((value) => String(value).trim() || undefined));
/** As `text`, but kept to the letter: a key is sent back as it came. */
const key = lenient(Scalar.transform((value) => (String(value).trim() === "" ? undefined : String(value))));
const whole = lenient(
  z
    .union([
      z.number(),
      z
        .string()
        .trim()
        .regex(/^-?\d+$/),
    ])
    .transform(Number)
    .refine(Number.isSafeInteger),
);
/** A decimal number as text, never through arithmetic. */
const decimal = lenient(Scalar.transform((value) => String(value).trim()).refine((value) => /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value)));
const flag = z
  .unknown()
  .optional()
  .transform((value) => value === true || value === 1 || (typeof value === "string" && ["true", "1"].includes(value.trim().toLowerCase())));
const date = lenient(z.string().transform(toDate));

/** ISO 8601; a time without a zone is read as UTC, since the vendor promises none. */
function toDate(value: string): Date | undefined {
  const text = value.trim();
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return undefined;
  const zoned = /(Z|[+-]\d{2}:?\d{2})$/i.test(text) || text.length === 10 ? text : `${text}Z`;
  const parsed = new Date(zoned);
  return Number.isNaN(parsed.getTime()) ? undefined : parsed;
}

export const WireLine = z
  .looseObject({
    lineNumber: whole,
    dscoItemId: text,
    sku: key,
    partnerSku: key,
    quantity: whole,
    cancelledQuantity: whole,
    rejectedQuantity: whole,
    status: text,
    consumerPrice: decimal,
    consumerPriceWithTax: decimal,
    consumerPriceWithoutTax: decimal,
    retailPrice: decimal,
    expectedCost: decimal,
    msrp: decimal,
    map: decimal,
  })
  .catch({} as never); // not even an object: a line with nothing in it, so that it is missed and not overlooked

const WireShipping = z.looseObject({
  name: text,
  firstName: text,
  lastName: text,
  company: text,
  address: z
    .union([z.array(text), text.transform((line) => [line])])
    .optional()
    .catch(undefined)
    .transform((lines) => (lines ?? []).filter((line) => line !== undefined)),
  address1: text,
  address2: text,
  city: text,
  region: text,
  state: text,
  postal: text,
  country: text,
  phone: text,
  email: text,
});

export const WireOrder = z.looseObject({
  dscoOrderId: z.unknown().optional(),
  poNumber: text,
  dscoStatus: text,
  dscoLifecycle: text,
  dscoLastUpdate: date,
  dscoCreateDate: date,
  cancelRequested: flag,
  testFlag: flag,
  dscoRetailerId: text,
  currencyCode: text,
  requestedWarehouseCode: text,
  dscoWarehouseCode: text,
  shipWarehouseCode: text,
  shippingServiceLevelCode: text,
  requestedShippingServiceLevelCode: text,
  acknowledgeByDate: date,
  shipByDate: date,
  shipping: lenient(WireShipping),
  lineItems: z.array(WireLine).optional().catch(undefined),
});
export type WireOrder = z.infer<typeof WireOrder>;

/** GET /order/page, taken apart so that each order keeps its text. */
export const OrderPage = z.object({
  slices: z.array(z.string()),
  rest: z.looseObject({ scrollId: Scalar.transform(String).nullish() }),
});
