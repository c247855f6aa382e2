import { userInfo } from "node:os";

/** Who is at this shell. A container may run under a number that has no name; asking for it then throws. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
