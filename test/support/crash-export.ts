/** An export with a bit of everything, large enough that worker threads read it: plain, broken and repeated rows, events. */
import { seeded } from "./aadhaar-numbers.ts";

export const crashYaml = (name: string, more = "") => `version: 1
name: ${name}
facility: { id: ddu, name: Test Hospital, ownership: delhi_govt, kind: hospital }
source: { type: csv, at: ../exports/${name}*.csv }
fields: { mrn: MRN, name: Name, sex: Sex, birthDate: DOB, phone: Phone, addressLine: Address${more} }
events:
  - { eventKind: { value: observation }, eventId: Visit, code: { value: 718-7 }, at: Seen, value: Hb, unit: { value: g/dL } }
`;

const header = "MRN,Name,Sex,DOB,Phone,Address,Visit,Seen,Hb,Remarks";

/** Rows of some 800 bytes, so that few of them make a large file. Of 1,000 20 are broken, and some 250 name a patient that an earlier row named. */
export function crashExport(rows: number, seed: number): string {
  const random = seeded(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const lines = Array.from({ length: rows }, (_, row) => {
    // As hospitals number them.
    const mrn = 1 + (below(4) === 0 ? below(row + 1) : row);
    const day = row % 50 === 7 ? "31/02/1980" : `${String(1 + below(28)).padStart(2, "0")}/03/1980`;
    const phone = `98${String(below(1e8)).padStart(8, "0")}`;
    const sex = below(2) === 0 ? "F" : "M";
    const seen = `2026-03-01 10:${String(below(60)).padStart(2, "0")}`;
    const name = `"Person ${mrn}, of ${below(90)}"`;
    return `${mrn},${name},${sex},${day},${phone},${"Main Road ".repeat(14)},V${row},${seen},${9 + below(7)},${"nothing to say ".repeat(40)}`;
  });
  return `${header}\n${lines.join("\n")}\n`;
}
