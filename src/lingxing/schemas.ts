import * as z from "zod";

/** An id as text: Lingxing writes the same one as text or as a number, and the lossless parser has kept the digits of long ones. */
const Id = z.union([z.string(), z.number()]).transform((id) => String(id).trim());
const FilledId = Id.refine((id) => id !== "");
/** Number or text; not by coercion, which makes a 0 of null and of an empty text. */
const WholeNumber = z.union([z.number().int(), z.string().trim().regex(/^\d+$/).transform(Number)]);

const optionalText = Id.optional().catch(undefined);

/** The per-order lists of a create. Entries are read one by one: an odd one must not hide the others. */
const CreateLists = z.looseObject({ success_details: z.unknown().optional(), error_details: z.unknown().optional() });
export const CreateAnswer = z.looseObject({
  // documented as a list, seen as an object, and [] or null when nothing was created
  data: z
    .union([CreateLists.transform((lists) => [lists]), z.array(CreateLists), z.null().transform(() => [])])
    .optional()
    .transform((lists) => lists ?? []),
});
export const CreatedEntry = z.object({ platform_order_no: FilledId, global_order_no: FilledId });
export const RefusedEntry = z.object({ platform_order_no: FilledId, error_message: optionalText, message: optionalText });

/**
 * Only the fields ipass reads: of what else a row holds, dozens of fields, nothing is copied or kept. Without number, store or status an
 * entry is of no use and the page is not what we were promised.
 */
const ListEntry = z.object({
  global_order_no: FilledId,
  store_id: Id,
  status: WholeNumber,
  split_type: optionalText,
  update_time: WholeNumber.refine((seconds) => seconds > 0)
    .optional()
    .catch(undefined),
  is_delete: z.unknown().optional(),
  platform_info: z
    .array(z.object({ platform_order_no: optionalText }))
    .nullish()
    .catch(undefined),
  item_info: z
    .array(z.object({ platform_order_no: optionalText }))
    .nullish()
    .catch(undefined),
  logistics_info: z.object({ tracking_no: optionalText }).nullish().catch(undefined),
});
export type ListEntry = z.infer<typeof ListEntry>;

/** A list left out is an empty one only where the total says so: an order missing here would be created again. */
export const ListAnswer = z.looseObject({
  data: z
    .looseObject({
      total: WholeNumber.optional().catch(undefined),
      list: z.array(ListEntry).nullish(),
    })
    .refine(({ total, list }) => Array.isArray(list) || total === 0)
    .transform(({ total, list }) => ({ total, list: list ?? [] })),
});

const blankText = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => String(value ?? "").trim());
const filledText = blankText.transform((value) => value || undefined);

const OutboundLine = z.object({
  sku: filledText,
  seller_sku: filledText,
  count: WholeNumber,
  bundle_type: z
    .union([z.null().transform(() => 0), WholeNumber])
    .default(0)
    .refine((type) => type <= 2),
  platform_order_no: filledText,
});
const Numbers = z.union([z.array(FilledId), FilledId.transform((number) => [number])]);

/**
 * Every field here decides about a shipment, so none may be passed over: an order whose items or numbers cannot be read makes the whole
 * answer one of another shape.
 */
const OutboundEntry = z
  .object({
    wo_number: FilledId,
    order_number: FilledId,
    platform_order_no: Numbers.nullish().transform((numbers) => numbers ?? []),
    status: WholeNumber,
    tracking_no: blankText,
    delivered_at: blankText,
    stock_delivered_at: blankText,
    product_info: z.array(OutboundLine),
  })
  .refine((entry) => [...entry.platform_order_no, ...entry.product_info.map((line) => line.platform_order_no)].some(Boolean));
export type OutboundEntry = z.infer<typeof OutboundEntry>;

/** Unlike on /pb, the rows are `data` itself and the total stands beside them. */
export const OutboundAnswer = z
  .looseObject({ total: WholeNumber.optional().catch(undefined), data: z.array(OutboundEntry).nullish() })
  .refine(({ total, data }) => Array.isArray(data) || total === 0)
  .transform(({ total, data }) => ({ total, rows: data ?? [] }));
