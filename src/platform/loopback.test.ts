import { expect, test } from "vitest";
import { isLoopbackHost } from "./loopback.ts";

test.each(["127.0.0.1", "127.8.9.1", "localhost", "LOCALHOST", "::1", "[::1]", "::ffff:127.0.0.1"])(
  "%s stays on this machine",
  (host) => expect(isLoopbackHost(host)).toBe(true),
);

test.each(["0.0.0.0", "::", "192.168.1.4", "127.example.org", "hims.example", "1127.0.0.1", ""])(
  "%j may be reached by others",
  (host) => expect(isLoopbackHost(host)).toBe(false),
);
