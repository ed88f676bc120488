import { join } from 'node:path';
import type { workspace } from './workspace.js';

/** What to open and edit, printed at start. */
export function welcome(url: string, { datadir, environment }: typeof workspace): string {
  return `
  Quonfig quickstart, environment "${environment}"

  Open   ${url}/quonfig
         the inspector: why does a user have this value?
  Watch  ${url}
         the values of four users, side by side
  Edit   ${join(datadir, 'feature-flags', 'checkout.one-page.json')}
         for example, add "DE" to ["NO", "SE"] and save: both pages update without a reload
  Stop   Ctrl+C
`;
}
