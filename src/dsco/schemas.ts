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
    shippedQuantity: whole,
    warehouseCode: text,
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

const WirePackageLine = z
  .looseObject({ lineNumber: whole, dscoItemId: text, sku: key, partnerSku: key, quantity: whole })
  .catch({} as never);

/** What cannot be read leaves a package without number or lines, not no package: goods have left. */
const WirePackage = z.looseObject({ trackingNumber: text, items: z.array(WirePackageLine).optional().catch(undefined) }).catch({} as never);

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
  shipCarrier: text,
  requestedShipCarrier: text,
  shipMethod: text,
  requestedShipMethod: text,
  acknowledgeByDate: date,
  shipByDate: date,
  shipping: lenient(WireShipping),
  lineItems: z.array(WireLine).optional().catch(undefined),
  packages: z.array(WirePackage).optional().catch(undefined),
});
export type WireOrder = z.infer<typeof WireOrder>;

const ScrollId = Scalar.transform(String).nullish();

/** GET /order/page, taken apart so that each order keeps its text. */
export const OrderPage = z.object({
  slices: z.array(z.string()),
  rest: z.looseObject({ scrollId: ScrollId }),
});

/** GET /order/log and /invoice/log, taken apart so that an odd entry does not spoil its neighbours. */
export const LogPage = z.object({
  slices: z.array(z.string()),
  rest: z.looseObject({ scrollId: ScrollId, status: text }), // of the request as a whole, and only where one was asked for
});
export type LogPage = z.infer<typeof LogPage>;

/** An entry of a log. Without an object, a time or an outcome it says nothing. */
export const WireLogEntry = z.looseObject({
  payload: z.looseObject({}),
  dateProcessed: z
    .string()
    .transform(toDate)
    .refine((at) => at !== undefined),
  status: z
    .string()
    .trim()
    .toLowerCase()
    .pipe(z.enum(["pending", "success", "failure"])),
  requestId: text,
  requestMethodDetail: z.unknown().optional(),
  results: z.unknown().optional(),
});
export type WireLogEntry = z.infer<typeof WireLogEntry>;

/** The answer to a batch. Without the request id nothing could be asked about what was sent. */
export const QueuedAnswer = z.looseObject({ requestId: Scalar.transform((id) => String(id).trim()).refine((id) => id !== "") });

/** GET /invoice. An invoice that could not be read must not look like one that is not there, for then it would be sent again. */
export const InvoiceList = z.looseObject({
  invoices: z
    .array(
      z.looseObject({
        invoiceId: Scalar.transform((id) => String(id).trim()),
        dscoInvoiceId: text,
        dscoOrderId: text,
        totalAmount: decimal,
      }),
    )
    .nullable()
    .transform((invoices) => invoices ?? []),
});
