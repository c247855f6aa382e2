import * as z from "zod";
import { date, decimal, text } from "./fields.ts";

const Scalar = z.union([z.string(), z.number()]);
/** A field that may be missing or odd, which counts as missing. */
const lenient = <T>(read: (value: unknown) => T) => z.unknown().optional().transform(read);

const ScrollId = Scalar.transform(String).nullish();

/** GET /order/page, taken apart so that each order keeps its text. */
export const OrderPage = z.object({
  slices: z.array(z.string()),
  rest: z.looseObject({ scrollId: ScrollId }),
});

/** GET /order/log and /invoice/log, taken apart so that an odd entry does not spoil its neighbours. */
export const LogPage = z.object({
  slices: z.array(z.string()),
  rest: z.looseObject({ scrollId: ScrollId, status: lenient(text) }), // of the request as a whole, and only where one was asked for
});
export type LogPage = z.infer<typeof LogPage>;

/** An entry of a log. Without an object, a time or an outcome it says nothing. */
export const WireLogEntry = z.object({
  payload: z.custom<Readonly<Record<string, unknown>>>((value) => typeof value === "object" && value !== null && !Array.isArray(value)),
  dateProcessed: z
    .string()
    .transform(date)
    .refine((at) => at !== undefined),
  status: z
    .string()
    .trim()
    .toLowerCase()
    .pipe(z.enum(["pending", "success", "failure"])),
  requestId: lenient(text),
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
        dscoInvoiceId: lenient(text),
        dscoOrderId: lenient(text),
        totalAmount: lenient(decimal),
      }),
    )
    .nullable()
    .transform((invoices) => invoices ?? []),
});
