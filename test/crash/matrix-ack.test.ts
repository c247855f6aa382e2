import "./no-waiting.ts";
import { describeMatrix } from "./matrix.ts";

await describeMatrix("ack_to_dsco");
