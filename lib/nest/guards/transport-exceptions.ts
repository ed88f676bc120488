// The filters of these transports recognize only instances of their own exception. The packages are optional, and an
// application that gets here has loaded them, so they are imported only then.

/** Returns an `RpcException`; `undefined` if this package cannot import it. */
export async function rpcException(text: string): Promise<Error | undefined> {
  try {
    // oxlint-disable-next-line no-restricted-imports
    const { RpcException } = await import('@nestjs/microservices');
    return new RpcException(text);
  } catch {
    return undefined;
  }
}

/** Returns a `WsException`; `undefined` if this package cannot import it. */
export async function wsException(text: string): Promise<Error | undefined> {
  try {
    // oxlint-disable-next-line no-restricted-imports
    const { WsException } = await import('@nestjs/websockets');
    return new WsException(text);
  } catch {
    return undefined;
  }
}
