/** What whoever holds a card may know without a key: the verification keys, and a page that says how a card is verified. */
import type { FastifyInstance } from "fastify";
import { serializeCardKeySet } from "../cards/card-keys.ts";
import { readCardKeySet } from "../store/card-key-reads.ts";
import type { Reader } from "../store/database.ts";

export function registerCardRoutes(app: FastifyInstance, reader: Reader): void {
  app.get("/.well-known/hims-card-keys.json", {
    config: { access: "open" },
    schema: { tags: ["cards"], summary: "Public keys that verify cards" },
    handler: async (_request, reply) =>
      reply
        .type("application/json; charset=utf-8")
        .header("access-control-allow-origin", "*")
        .send(serializeCardKeySet(await readCardKeySet(reader))),
  });
  app.get("/C", {
    config: { access: "open" },
    schema: { hide: true },
    handler: async (_request, reply) => reply.type("text/html; charset=utf-8").send(cardPage),
  });
}

/** The signed text of a card stands behind the `#` of its address, which browsers do not send: this page learns nothing of the card. */
const cardPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Health card</title>
<style>
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 38rem; margin: 2rem auto; padding: 0 1rem; }
code { background: #eee; padding: 0 .2rem; overflow-wrap: anywhere; }
</style>
</head>
<body>
<h1>This is a health card</h1>
<p>You have scanned the QR code of a health card. It holds a health ID and a signature, and nothing about anyone's health.
Your browser has not sent the card's content to this server.</p>
<h2>To verify it</h2>
<p>At a facility, scan the code and give its text to
<code>hims card verify</code>. It says whether the signature is genuine and whether the card is still good.
It works without a network, with the public keys from
<a href="/.well-known/hims-card-keys.json">hims-card-keys.json</a> and the option <code>--keys</code>.</p>
<h2>If you found this card</h2>
<p>Please hand it in at the nearest hospital. It can be blocked there and a new one made.</p>
<p lang="hi">यह एक स्वास्थ्य कार्ड है। यदि आपको यह मिला है तो कृपया इसे निकटतम अस्पताल में जमा करें।</p>
</body>
</html>
`;
