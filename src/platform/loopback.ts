/** Whether what is served stays on this machine. */

/** True for names and addresses that no other machine reaches: `localhost`, 127.0.0.0/8, `::1`. */
export function isLoopbackHost(host: string): boolean {
  const address = host.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  if (address === "localhost" || address === "::1" || address === "0:0:0:0:0:0:0:1") return true;
  return /^(::ffff:)?127(\.\d{1,3}){3}$/.test(address);
}
