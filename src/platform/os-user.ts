/** Who sits at the terminal, for the access log and for decisions. */
import { userInfo } from "node:os";

/** The login name; `uid-1000` where the machine has no name for the user (containers). */
export function osUserName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ERR_SYSTEM_ERROR" || code === "ENOENT")
      return `uid-${process.getuid?.() ?? "unknown"}`;
    throw error;
  }
}
