/** Version of this package; a test compares it with the manifest. */
export const PACKAGE_VERSION = '0.1.0';

/** How requests name this library. */
export const SDK_VERSION = `nestjs-${PACKAGE_VERSION}`;
