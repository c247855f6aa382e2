import { useLastingWorld } from "./bench.ts";
import { describeVendorFaults } from "./matrix.ts";

describeVendorFaults(await useLastingWorld(), ["ack", "ship", "invoice"]);
