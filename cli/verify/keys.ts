import { SCHEMA_DIRECTORIES } from '../workspace/workspace-files.js';
import type { Document, Finding } from './finding.js';

/** Finds keys that are used twice, ignoring case: configs among each other, and schemas among each other. */
export function duplicateKeys(documents: readonly Document[]): Finding[] {
  const owners = new Map<string, Document>();
  return documents.flatMap((document): Finding[] => {
    const { key, file } = document;
    if (key === undefined) return [];
    const kind = SCHEMA_DIRECTORIES.includes(file.directory) ? 'schema' : 'config';
    const identity = `${kind} ${key.toLowerCase()}`;
    const owner = owners.get(identity);
    if (owner === undefined) {
      owners.set(identity, document);
      return [];
    }
    const difference = owner.key === key ? '' : ', which differs only in case';
    const message = `The key ${JSON.stringify(key)} is also in ${owner.file.path}${difference}. Rename one of them.`;
    return [{ rule: 'duplicate-key', path: file.path, at: ['key'], message }];
  });
}
