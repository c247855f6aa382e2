import "./no-waiting.ts";
import { describeMatrix } from "./matrix.ts";

await describeMatrix("ship_to_dsco");
