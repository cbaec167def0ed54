/** Properties are tried on the same inputs everywhere: a red build says what the change broke. Others: `FC_SEED=7 npm test`. */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env["FC_SEED"] ?? 20_261_122) });
