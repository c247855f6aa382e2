import "./no-waiting.ts";
import { describeMatrix } from "./matrix.ts";

await describeMatrix("pull_dsco_orders");
