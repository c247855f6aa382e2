import "./no-waiting.ts";
import { describeMatrix } from "./matrix.ts";

await describeMatrix("push_orders_to_lingxing");
