import "./no-waiting.ts";
import { describeMatrix } from "./matrix.ts";

await describeMatrix("invoice_to_dsco");
