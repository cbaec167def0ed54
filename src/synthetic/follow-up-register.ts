/** The private polyclinic's follow-up appointments. */
import { asDayMonthName, dateOf } from "./calendar.ts";
import { doctors } from "./code-list.ts";
import { sanjeevaniClinic } from "./facility-list.ts";
import type { Random } from "./random.ts";
import { registerFeed, serialText } from "./register-feed.ts";

/** Follow-ups still to come are booked; past ones were mostly kept. */
function followUpStatus(isToCome: boolean, random: Random): string {
  if (isToCome) return "Booked";
  return random.chance(0.75) ? "Attended" : "DNA";
}

export const followUpFeed = registerFeed({
  pipeline: "spc-follow-ups",
  facility: sanjeevaniClinic,
  fileName: "follow-ups.csv",
  description: "Follow-up appointments of the polyclinic",
  purpose: 24,
  mean: 0.8,
  layout: {
    delimiter: ";",
    lineEnd: "\n",
    header: [
      "Appt_ID",
      "Reg_ID",
      "Booked On",
      "Review Date",
      "Consultant",
      "Reason",
      "Appt Status",
    ],
    mrnColumn: "Reg_ID",
  },
  cellsOf: ({ serial, registration, day, today, random }) => {
    const dueDay = day + random.pick([7, 14, 30, 90, 180]);
    return [
      serialText("A", serial),
      registration.mrn,
      asDayMonthName(dateOf(day)),
      asDayMonthName(dateOf(dueDay)),
      random.pick(doctors),
      random.pick(["Review; reports", "Suture removal", "BP check", "Diabetes follow-up"]),
      followUpStatus(dueDay > today, random),
    ];
  },
  fields: `  mrn: Reg_ID
  eventKind: { value: appointment }
  eventId: Appt_ID
  at: Booked On
  dueAt: Review Date
  performer: Consultant
  display: Reason
  status:
    column: Appt Status
    values: { Booked: booked, Attended: fulfilled, DNA: noshow }
`,
});
