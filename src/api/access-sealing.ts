/** The one who seals the access log while a server runs: each second, as long as there is something to seal. */

import { codeOf } from "../platform/failure.ts";
import type { Logger } from "../platform/logger.ts";
import { sealAccessLog } from "../store/access-log.ts";
import type { Reader } from "../store/database.ts";

const pauseMs = 1_000;

/** @returns stops sealing, after a last time */
export function sealEachSecond(reader: Reader, logger: Logger): () => Promise<void> {
  let sealing: Promise<void> = Promise.resolve();
  let isSealing = false;
  let isFailing = false;
  const seal = async () => {
    isSealing = true;
    try {
      await sealAccessLog(reader);
      isFailing = false;
    } catch (error) {
      // The lines stay where they are and are sealed the next time; an outage is told once, not each second.
      if (!isFailing) logger.warn({ code: codeOf(error) }, "access log not sealed");
      isFailing = true;
    } finally {
      isSealing = false;
    }
  };
  const timer = setInterval(() => {
    if (!isSealing) sealing = seal();
  }, pauseMs);
  return async () => {
    clearInterval(timer);
    await sealing;
    await seal();
  };
}
