// Installs what a test needs where that can be done without asking anybody: on Debian or Ubuntu, as root.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { findProgram } from "./installed-server.mjs";

/**
 * Does nothing where this is not Debian or we are not root; the caller looks again for what it wanted.
 * @param {string[]} packages
 * @param {{ folders: string[], log: (line: string) => void, note: string }} options `folders` is where to look for apt-get; `note` says
 *   what is being installed
 */
export function installWithApt(packages, { folders, log, note }) {
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  const aptGet = findProgram(["apt-get"], folders);
  if (process.getuid?.() !== 0 || aptGet === undefined || !/^ID(_LIKE)?=.*(debian|ubuntu)/m.test(release)) return;
  log(note);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update"], ["install", "-y", "--no-install-recommends", ...packages]]) {
    const { status, stderr } = spawnSync(aptGet, ["-qq", ...args], { env, stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
    // A failed update may be one stale mirror of many; the install decides.
    if (status !== 0 && args[0] === "install") log(`apt-get install failed: ${stderr.trim().split("\n").at(-1) ?? ""}`);
  }
}
