/** Where and when a number was measured: without this it means nothing. */
import { cpus, loadavg, totalmem } from "node:os";

/** Processor, cores, memory, Node and system; no host or user name. */
export function describeMachine(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? "unknown processor";
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  return `${processors.length} x ${model}, ${memoryGb} GB, Node ${process.versions.node}, ${process.platform}-${process.arch}`;
}

/** How many processes wanted a core in the last minute: above the number of cores, times are too long. */
export function describeLoad(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10;
}
