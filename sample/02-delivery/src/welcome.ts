/** What to open and try, printed at start. */
export function welcome(url: string, deliveryUrl: string, controlUrl: string): string {
  return `
  Quonfig delivery, from a local server at ${deliveryUrl}

  Open   ${url}
  Try    its buttons, or: curl -X POST ${controlUrl}/stop
         (publish, stop, start, revoke, allow), and watch ${url}/health
  Stop   Ctrl+C
`;
}
