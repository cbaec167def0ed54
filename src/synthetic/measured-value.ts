/** Results of health checks, drawn from a measurement's plausible range. */
import type { Measurement } from "./code-list.ts";
import type { Random } from "./random.ts";

/** A result as printed, with the measurement's decimals. */
export function measuredValue(measurement: Measurement, random: Random): string {
  const { low, high, decimals } = measurement;
  const scale = 10 ** decimals;
  return (random.between(low * scale, high * scale) / scale).toFixed(decimals);
}

/** HL7's abnormal flag (L, H, N) of a result against the printed range; empty without a range. */
export function flagOf(measurement: Measurement, value: string): string {
  if (measurement.range === "") return "";
  const [low = 0, high = Number.POSITIVE_INFINITY] = measurement.range.split("-").map(Number);
  if (Number(value) < low) return "L";
  return Number(value) > high ? "H" : "N";
}
