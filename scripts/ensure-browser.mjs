// Finds a Chromium for the tests of the admin's page, or installs one.

import { installWithApt } from "./install-with-apt.mjs";
import { findProgram, programFolders } from "./installed-server.mjs";

/** Chinese text would be empty boxes without a font for it. */
const PACKAGES = ["chromium", "fonts-wqy-microhei"];
const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const MAC_FOLDERS = ["/Applications/Google Chrome.app/Contents/MacOS", "/Applications/Chromium.app/Contents/MacOS"];

const WAYS_OUT = `the page is tested in a real browser, and no Chromium or Chrome was found. One of these will do:
  - set CHROMIUM_PATH to its program
  - install one:  apt-get install chromium fonts-wqy-microhei   dnf install chromium   brew install --cask chromium
需要一个 Chromium 或 Chrome：设置 CHROMIUM_PATH，或安装 chromium。`;

/**
 * The program of a Chromium: CHROMIUM_PATH, an installed one, or on Debian and Ubuntu as root one that is installed now.
 * @param {{ log?: (line: string) => void, env?: NodeJS.ProcessEnv, folders?: string[] }} [options]
 * @returns {string}
 * @throws {Error} whose message says what can be done
 */
export function ensureBrowser({ log = () => undefined, env = process.env, folders = [...programFolders(env.PATH), ...MAC_FOLDERS] } = {}) {
  if (env.CHROMIUM_PATH) return env.CHROMIUM_PATH;
  const find = () => findProgram([...NAMES, "Google Chrome", "Chromium"], folders);
  const installed = find();
  if (installed !== undefined) return installed;
  installWithApt(PACKAGES, { folders, log, note: "no browser here: apt-get install chromium (once, about 500 MB) · 正在安装 chromium" });
  const found = find();
  if (found === undefined) throw new Error(WAYS_OUT);
  return found;
}
