/** What a run of the fuzzer has come to so far. */
import type { Round } from "./rounds.ts";

/** How often a run says how far it has come. */
const sayEvery = 10_000;

interface TallyTask {
  readonly seed: number;
  readonly first: number;
  readonly mutants: number;
}

export class Tally {
  findings = 0;
  next: number;
  private made = 0;
  private readonly task: TallyTask;
  private readonly went = new Map<string, number>();

  constructor(task: TallyTask) {
    this.task = task;
    this.next = task.first;
  }

  get isWhole(): boolean {
    return this.next === this.task.first + this.task.mutants;
  }

  /** Counts a round, and says what is worth a line. */
  add({ number, finding, went }: Round): readonly string[] {
    this.next = number + 1;
    this.made += Number(went.length > 0);
    for (const round of went) this.went.set(round, (this.went.get(round) ?? 0) + 1);
    this.findings += Number(finding !== null);
    return [
      ...(finding === null ? [] : [JSON.stringify(finding)]),
      ...(this.next % sayEvery === 0 ? [`${this.next}: ${this.text()}`] : []),
    ];
  }

  text(): string {
    const rounds = [...this.went].sort().map(([round, times]) => `${round} ${times}`);
    return `${this.made} mutants of seed ${this.task.seed} (${rounds.join(", ")}), ${this.findings} findings`;
  }
}
