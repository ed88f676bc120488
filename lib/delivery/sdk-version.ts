/** Version of this package. A test compares it with package.json. */
export const PACKAGE_VERSION = '0.1.0';

/** How requests identify the SDK. */
export const SDK_VERSION = `nestjs-${PACKAGE_VERSION}`;
