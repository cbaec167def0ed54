/** A way to a server that is cut after so many bytes, for tests of connections that are lost. */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface CutProxy {
  readonly port: number;
  /** Bytes from the server, over one connection, after which it is cut; null: never. */
  cutAfterBytes: number | null;
}

export async function aCutProxy(toPort: number, cutAfterBytes: number | null): Promise<CutProxy> {
  const sockets = new Set<Socket>();
  const state = { cutAfterBytes };
  const server = createServer((near) => {
    const far = connect(toPort, "127.0.0.1");
    const end = () => {
      near.destroy();
      far.destroy();
    };
    let bytes = 0;
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", end).on("close", end);
    }
    near.on("data", (chunk) => far.write(chunk));
    far.on("data", (chunk) => {
      bytes += chunk.length;
      if (state.cutAfterBytes !== null && bytes > state.cutAfterBytes) end();
      else near.write(chunk);
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return Object.assign(state, { port: (server.address() as AddressInfo).port });
}
