/** The match model: a versioned file (`models/*.yaml`), validated, and an immutable row once used. Weights are log2 odds. */
import { z } from "zod";

/** The first model: rules that agree exactly or say nothing (design: issue "People"). A probabilistic kind joins this union. */
export const matchModelSchema = z.strictObject({
  version: z.literal(1),
  name: z.string().regex(/^[a-z0-9-]+$/),
  kind: z.literal("deterministic"),
  rules: z.strictObject({
    /** Same ABHA number with a right check digit, and name, sex and birth date that can be one person's. */
    same_abha: z.strictObject({
      weight: z.number().positive(),
      /** A number on more records than this was typed to fill a field: it is nobody's. */
      max_records_per_number: z.int().min(2),
    }),
    /** Name, birth date of day precision that is not 1 January, sex and phone all agree. */
    same_demographics: z.strictObject({
      weight: z.number().positive(),
      /** A phone that more given names share belongs to a household or a clerk. */
      max_given_names_per_phone: z.int().min(1),
    }),
  }),
});
export type MatchModel = z.infer<typeof matchModelSchema>;
