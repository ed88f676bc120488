/** Where the public test data of the SDK family is; tests that need it are skipped, with a notice, where it is not. */
process.env['QUONFIG_CONFORMANCE_DIR'] ??= '../shared/conformance';

// Nothing of the machine's own set-up reaches a test.
for (const name of ['QUONFIG_ENVIRONMENT', 'QUONFIG_BACKEND_SDK_KEY', 'QUONFIG_DOMAIN']) {
  delete process.env[name];
}
process.env['QUONFIG_DEV_CONTEXT'] = 'false';
