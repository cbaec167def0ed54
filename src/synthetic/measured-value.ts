/** Results of health checks, drawn from a measurement's plausible range. */
import type { Measurement } from "./code-list.ts";
import type { Random } from "./random.ts";

const bodyWeight = "29463-7";

/** A result as printed, with the measurement's decimals; `age` is in whole years, and children weigh less. */
export function measuredValue(measurement: Measurement, age: number, random: Random): string {
  const { decimals } = measurement;
  const isChildWeight = measurement.code === bodyWeight && age < 15;
  const low = isChildWeight ? 3 + 2 * age : measurement.low;
  const high = isChildWeight ? 5 + 3 * age : measurement.high;
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
