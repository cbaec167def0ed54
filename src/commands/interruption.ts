/** Ctrl-C and SIGTERM: the first asks the command to end in order, the second ends it at once. */
import { HimsError } from "../platform/errors.ts";

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * One Ctrl-C may arrive twice, from the terminal and passed on by a parent (npm run, bin/hims.js under an old Node):
 * a second one this soon is not a person's.
 */
const echoMs = 300;

export class Interruption {
  readonly #controller = new AbortController();
  #exitCode: number | null = null;
  #interruptedMs = 0;
  readonly #onInterrupt = () => this.#interrupt("SIGINT");
  readonly #onTerminate = () => this.#interrupt("SIGTERM");

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** 130 or 143 once interrupted. */
  get exitCode(): number | null {
    return this.#exitCode;
  }

  listen(): void {
    process.on("SIGINT", this.#onInterrupt);
    process.on("SIGTERM", this.#onTerminate);
  }

  stop(): void {
    process.off("SIGINT", this.#onInterrupt);
    process.off("SIGTERM", this.#onTerminate);
  }

  /**
   * The work's own end, or a rejection when it is still not over some time after it was asked to end.
   * @param graceMs how long it may take to roll back: a command that never looks at its signal must still end
   */
  async orOverdue<T>(work: Promise<T>, graceMs: number): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const overdue = new Promise<never>((_, reject) => {
      const onAbort = () => {
        timer = setTimeout(() => reject(this.toError()), graceMs);
      };
      this.signal.addEventListener("abort", onAbort, { once: true });
    });
    try {
      return await Promise.race([work, overdue]);
    } finally {
      clearTimeout(timer);
    }
  }

  toError(): HimsError {
    return new HimsError("HIMS_INTERRUPTED", {
      kind: "bug",
      message: "interrupted; what was not committed is rolled back",
      hint: "Run the command again: it goes on where the last commit was.",
    });
  }

  #interrupt(name: keyof typeof exitCodes): void {
    const nowMs = performance.now();
    if (this.#exitCode === null) {
      this.#exitCode = exitCodes[name];
      this.#interruptedMs = nowMs;
      this.#controller.abort(this.toError());
    } else if (nowMs - this.#interruptedMs > echoMs) process.exit(exitCodes[name]);
  }
}
