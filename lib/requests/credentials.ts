/** What a request says of itself, besides what it asks for. */
export function credentials(sdkKey: string, sdkVersion: string): Record<string, string> {
  return {
    Authorization: `Basic ${basicToken(sdkKey)}`,
    'X-Quonfig-SDK-Version': sdkVersion,
  };
}

/** The key as it stands in requests. */
export function basicToken(sdkKey: string): string {
  return Buffer.from(`1:${sdkKey}`).toString('base64');
}
