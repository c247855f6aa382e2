import "./no-waiting.ts";
import { describeMatrix } from "./matrix.ts";

await describeMatrix("sync_stock");
