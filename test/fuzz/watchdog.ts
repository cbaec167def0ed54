/** Tells a hang from a machine that stands still: by what the processor did, and by how often this thread got its turn. */

/** So much of a processor's time for one mutant is a hang; most take milliseconds. */
const cpuLimitMs = 30_000;
/** Seconds in which this thread had its turn and nothing was heard, whatever the processor did: something waits in vain. */
const silentTurns = 600;

/** Watches one worker thread from the main thread, which does nothing else: the process's time is the worker's. */
export class Watchdog {
  private usage = process.cpuUsage();
  private turns = 0;
  private readonly timer: NodeJS.Timeout;

  /** `bark` is told of a hang, once. */
  constructor(bark: (why: string) => void) {
    this.timer = setInterval(() => {
      this.turns += 1;
      const { user, system } = process.cpuUsage(this.usage);
      const tookMs = (user + system) / 1_000;
      const why = tookMs > cpuLimitMs ? `${Math.round(tookMs / 1_000)} s of processor time` : null;
      const silence = this.turns > silentTurns ? "nothing was heard of it" : null;
      if (why === null && silence === null) return;
      this.end();
      bark(why ?? silence ?? "");
    }, 1_000);
  }

  /** The worker is alive: from here on it is counted anew. */
  heard(): void {
    this.usage = process.cpuUsage();
    this.turns = 0;
  }

  end(): void {
    clearInterval(this.timer);
  }
}
