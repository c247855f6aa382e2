// Loaded into a measured process (node --require): at its end it tells what it has cost, start of Node included. Nothing else tells the
// highest memory of one child among many.
const { writeFileSync } = require("node:fs");

process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const cost = { cpu_ms: (userCPUTime + systemCPUTime) / 1000, peak_rss_mb: maxRSS / 1024 };
  writeFileSync(process.env.BENCH_PROBE_FILE ?? "", JSON.stringify(cost));
});
