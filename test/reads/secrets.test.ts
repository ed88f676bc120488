import { createCipheriv, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { QuonfigService } from '../../lib/index.js';
import {
  config,
  constant,
  EnvelopeFile,
  rule,
  serviceWith,
  setEnv,
  split,
  value,
  when,
} from '../support/configs.js';
import { RecordingLogger } from '../support/recording-logger.js';

const KEY = randomBytes(32).toString('hex');
const WRONG_KEY = randomBytes(32).toString('hex');
const PLAIN = 'the-plain-text-of-the-secret';
const VARIABLE_TEXT = 'the-text-of-a-variable';
const MALFORMED = 'the-malformed-duration';
const CONFIDENTIAL = 'the-confidential-text';

function encrypt(text: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(KEY, 'hex'), iv);
  const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return [encrypted, iv, cipher.getAuthTag()].map((part) => part.toString('hex')).join('--');
}

const CIPHERTEXT = encrypt(PLAIN);
const SECRETS = [KEY, WRONG_KEY, PLAIN, VARIABLE_TEXT, MALFORMED, CONFIDENTIAL, CIPHERTEXT];

function sealed(stored: string, decryptWith: string) {
  return value('string', stored, { confidential: true, decryptWith });
}

const provided = (lookup: string) => value('provided', { source: 'ENV_VAR', lookup });
const confidential = value('string', CONFIDENTIAL, { confidential: true });

const CONFIGS = [
  config('key', 'string', [rule(provided('QUONFIG_TEST_SECRET_KEY'))]),
  config('wrong-key', 'string', [rule(provided('QUONFIG_TEST_WRONG_KEY'))]),
  config('no-key', 'string', [rule(provided('QUONFIG_TEST_TEXT'))]),
  config('unset-key', 'string', [rule(provided('QUONFIG_TEST_UNSET'))]),
  config('secret', 'string', [rule(sealed(CIPHERTEXT, 'key'))]),
  config('secret-int', 'int', [rule(sealed(CIPHERTEXT, 'key'))]),
  config('secret-json', 'json', [rule(sealed(CIPHERTEXT, 'key'))]),
  config('secret-duration', 'duration', [rule(sealed(CIPHERTEXT, 'key'))]),
  config('wrongly-keyed', 'string', [rule(sealed(CIPHERTEXT, 'wrong-key'))]),
  config('keyed-with-text', 'string', [rule(sealed(CIPHERTEXT, 'no-key'))]),
  config('keyed-with-nothing', 'string', [rule(sealed(CIPHERTEXT, 'unset-key'))]),
  config('cut', 'string', [rule(sealed(CIPHERTEXT.slice(0, -2), 'key'))]),
  config('no-ciphertext', 'string', [rule(sealed(CONFIDENTIAL, 'key'))]),
  config('cycle', 'string', [rule(sealed(CIPHERTEXT, 'cycle'))]),
  ...(['int', 'double', 'json', 'duration'] as const).map((type) =>
    config(`provided-${type}`, type, [rule(provided('QUONFIG_TEST_TEXT'))]),
  ),
  constant('malformed', 'duration', MALFORMED),
  constant('wrong-int', 'int', CONFIDENTIAL),
  constant('wrong-json', 'json', CONFIDENTIAL),
  config('confidential-split', 'string', [
    rule(split([{ weight: 1, value: confidential }], 'user.key')),
  ]),
  config('confidential-targeted', 'string', [
    rule(confidential, when('IS_PRESENT', 'user.key')),
    rule(value('string', 'open')),
  ]),
  { ...constant('wrong-shape', 'string', 'x'), default: { rules: CONFIDENTIAL } },
  { ...constant('wrong-rule', 'string', 'x'), default: { rules: [CONFIDENTIAL] } },
];

/** Makes every kind of read of every key; returns the errors and everything meant for display. */
function readEverything(service: QuonfigService): string[] {
  const shown: string[] = [];
  const attempt = (read: () => unknown): void => {
    try {
      read();
    } catch (error) {
      shown.push(inspect(error, { depth: 10, showHidden: true }));
    }
  };
  for (const key of [...service.keys(), 'unknown']) {
    attempt(() => service.get(key));
    attempt(() => service.getString(key));
    attempt(() => service.getNumber(key));
    attempt(() => service.getBool(key));
    attempt(() => service.getStringList(key));
    attempt(() => service.getDuration(key));
    attempt(() => service.getJSON(key));
    attempt(() => service.isEnabled(key));
    attempt(() => service.live(key).value);
    attempt(() => service.shouldLog({ configKey: key, desiredLevel: 'info' }));
    attempt(() => service.observe(key).subscribe().unsubscribe());
    for (const details of [
      service.getBoolDetails(key),
      service.getStringDetails(key),
      service.getNumberDetails(key),
      service.getStringListDetails(key),
      service.getJSONDetails(key),
      service.getDurationDetails(key),
    ]) {
      shown.push(details.errorMessage ?? '');
    }
    const trace = service.explain(key, { user: { key: VARIABLE_TEXT } });
    // The key configs are not confidential, so explanations show their values.
    shown.push(inspect(key.endsWith('key') ? trace.outcome.errorMessage : trace, { depth: 20 }));
  }
  return shown;
}

describe('secrets', () => {
  it('no error, log line, details object or explanation contains a secret', async () => {
    setEnv({
      QUONFIG_TEST_SECRET_KEY: KEY,
      QUONFIG_TEST_WRONG_KEY: WRONG_KEY,
      QUONFIG_TEST_TEXT: VARIABLE_TEXT,
      QUONFIG_TEST_UNSET: undefined,
    });
    const log = new RecordingLogger();
    const file = new EnvelopeFile(CONFIGS);
    const service = await serviceWith({ datafile: file.path, logger: log });
    expect(service.get('secret')).toBe(PLAIN);

    const shown = readEverything(service);
    file.set(CONFIGS.slice(1));
    await service.refresh();
    shown.push(...readEverything(service));
    file.write(`{"configs": [${JSON.stringify(CONFIDENTIAL)} oops`);
    await service.refresh().catch((error: unknown) => shown.push(inspect(error, { depth: 10 })));
    shown.push(inspect(service.metrics()), ...log.messages());

    // Without output, the check below would pass trivially.
    expect(shown.length).toBeGreaterThan(300);
    expect(log.messages('warn').length).toBeGreaterThan(3);
    for (const secret of SECRETS) {
      for (const line of shown) expect(line).not.toContain(secret);
    }
  });
});
