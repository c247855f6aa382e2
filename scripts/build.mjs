// Makes dist/ anew: built aside and put in place at once, since cron may start ipass at any moment of an upgrade.
import { existsSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const [next, old] = [`${dist}.next`, `${dist}.old`];
rmSync(next, { recursive: true, force: true });
await bundle(next);
rmSync(old, { recursive: true, force: true });
if (existsSync(dist)) renameSync(dist, old);
renameSync(next, dist);
rmSync(old, { recursive: true, force: true });
