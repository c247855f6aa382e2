// Finds a database server's programs on this machine. None of them need be running.
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** @typedef {{ binary: string, flavour: "mariadb" | "mysql", version: string, installer?: string }} InstalledServer */

/** Where packages put a server without it being in the PATH of an ordinary user. */
const SERVER_FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/usr/libexec", "/usr/local/mysql/bin", "/opt/homebrew/bin"];

/**
 * @param {string[]} names
 * @param {string[]} folders
 * @returns {string | undefined} the first that can be run; an earlier folder counts more than an earlier name, as in PATH
 */
export function findProgram(names, folders) {
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable);
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @returns {string[]} */
export function programFolders(path = process.env.PATH ?? "") {
  return [...path.split(delimiter).filter((folder) => folder !== ""), ...SERVER_FOLDERS];
}

/**
 * A server program on this machine, running or not. A mysqld put first in PATH is taken before the system's MariaDB.
 * @param {string[]} folders where to look
 * @returns {InstalledServer | undefined}
 */
export function findInstalledServer(folders = programFolders()) {
  const binary = findProgram(["mariadbd", "mysqld"], folders);
  if (binary === undefined) return undefined;
  const version = spawnSync(binary, ["--no-defaults", "--version"], { encoding: "utf8" }).stdout?.trim() ?? "";
  const flavour = /mariadb/i.test(version) ? "mariadb" : "mysql";
  const installer = flavour === "mariadb" ? findProgram(["mariadb-install-db", "mysql_install_db"], folders) : undefined;
  return { binary, flavour, version, ...(installer === undefined ? {} : { installer }) };
}
