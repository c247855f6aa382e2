import * as z from "zod";

/** Fields of request bodies that several calls share. */

/** An id as text; a bare number has lost its last digits on the way in most languages, and is refused. */
export const DigitText = z.string().regex(/^\d+$/, "has to be digits as text");

export const Epoch = z.int().min(1_000_000_000).max(9_999_999_999);

/** An amount, as a number or as plain decimal text. */
export const Decimal = z.union([z.number().min(0), z.string().regex(/^\d+(\.\d+)?$/, "has to be a plain decimal")]);

export const NonEmpty = z.string().trim().min(1, "must not be empty");

export const PlatformCodeNumber = z.int().min(10_001).max(10_039);
