/** Returns the headers that authenticate a request and name the SDK. */
export function credentials(sdkKey: string, sdkVersion: string): Record<string, string> {
  return {
    Authorization: `Basic ${basicToken(sdkKey)}`,
    'X-Quonfig-SDK-Version': sdkVersion,
  };
}

/** Returns the SDK key as encoded in the `Authorization` header. */
export function basicToken(sdkKey: string): string {
  return Buffer.from(`1:${sdkKey}`).toString('base64');
}
