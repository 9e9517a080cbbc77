/** Of something at a relay, whose own address may end with a slash. */
export function relayAddress(url: string, path: string): string {
  return `${url.replace(/\/+$/, '')}${path}`;
}
