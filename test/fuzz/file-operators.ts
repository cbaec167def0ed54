/** Ways in which whole stretches of a file break: joined exports, changed encodings and line ends, torn copies. */
import type { Change, MutationSite, Operator } from "./mutation.ts";

/** What other files there are to take bytes from. */
export interface FileSite extends MutationSite {
  readonly other: Buffer;
}

type FileOperator = (site: FileSite) => Change | null;

/** A stretch of the file: short as often as long. */
function anyStretch({ bytes, draw }: MutationSite): { from: number; to: number } {
  const from = draw(bytes.length + 1);
  const most = draw(2) === 0 ? 200 : bytes.length;
  return { from, to: Math.min(bytes.length, from + draw(most + 1)) };
}

/** One stretch of the other file. */
function stretchOfOther(site: FileSite): Buffer {
  const { from, to } = anyStretch({ ...site, bytes: site.other });
  return site.other.subarray(from, to);
}

/** A stretch written anew; its bytes are taken for UTF-8. */
function rewritten(rewrite: (text: string, site: MutationSite) => Buffer): Operator {
  return (site) => {
    const { from, to } = anyStretch(site);
    return { from, to, put: rewrite(site.bytes.toString("utf8", from, to), site) };
  };
}

function wide(text: string, { draw }: MutationSite): Buffer {
  const marked = draw(2) === 0 ? `\ufeff${text}` : text;
  const bytes = Buffer.from(marked, "utf16le");
  return draw(2) === 0 ? bytes : bytes.swap16();
}

const lineEnds = ["\n", "\r\n", "\r", "\n\r", "\r\r\n", "\u2028", "\u000b", "\u0085"];

function otherEnds(text: string, { draw }: MutationSite): Buffer {
  return Buffer.from(text.replace(/\r\n|\r|\n/g, lineEnds[draw(lineEnds.length)] ?? "\n"));
}

const bulk = ["x", '"', ",", ";", "|", "\t", "\n", "\r", " ", "\u0000", '","', "^", "~", "&", "अ"];

/** Rarely so much that whatever is not linear shows. */
const bulkOf: Operator = ({ bytes, draw }) => {
  const from = draw(bytes.length + 1);
  const times = draw(20) === 0 ? 200_000 : 1 + draw(3_000);
  return { from, to: from, put: Buffer.from((bulk[draw(bulk.length)] ?? "x").repeat(times)) };
};

export const fileOperators: Readonly<Record<string, FileOperator>> = {
  "delete a stretch": (site) => ({ ...anyStretch(site), put: Buffer.alloc(0) }),
  "double a stretch": (site) => {
    const { from, to } = anyStretch(site);
    return { from: to, to, put: site.bytes.subarray(from, to) };
  },
  "copy a stretch elsewhere": (site) => {
    const { from, to } = anyStretch(site);
    const at = site.draw(site.bytes.length + 1);
    return { from: at, to: at, put: site.bytes.subarray(from, to) };
  },
  "put a stretch of another file": (site) => {
    const at = site.draw(site.bytes.length + 1);
    return { from: at, to: at, put: stretchOfOther(site) };
  },
  "go on as another file": (site) => {
    const from = site.draw(site.bytes.length + 1);
    const start = site.draw(site.other.length + 1);
    return { from, to: site.bytes.length, put: site.other.subarray(start) };
  },
  "begin as another file": (site) => {
    const to = site.draw(site.bytes.length + 1);
    return { from: 0, to, put: site.other.subarray(0, site.draw(site.other.length + 1)) };
  },
  "write a stretch in UTF-16": rewritten(wide),
  "encode a stretch twice": rewritten((text) =>
    Buffer.from(Buffer.from(text).toString("latin1"), "utf8"),
  ),
  "write a stretch in Latin 1": rewritten((text) => Buffer.from(text, "latin1")),
  "end the lines of a stretch otherwise": rewritten(otherEnds),
  "flip a bit": (site) => {
    const from = site.draw(site.bytes.length);
    const put = Buffer.from([(site.bytes[from] ?? 0) ^ (1 << site.draw(8))]);
    return { from, to: from + 1, put };
  },
  "put much of one sign": bulkOf,
  "overwrite with NUL": (site) => {
    const { from, to } = anyStretch(site);
    return { from, to, put: Buffer.alloc(to - from) };
  },
};
