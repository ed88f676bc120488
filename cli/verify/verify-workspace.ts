import { isJsonObject } from '../workspace/document-parts.js';
import { environmentsIn } from '../workspace/settings.js';
import { JsonLocator } from '../workspace/json-location.js';
import { pointerOf } from '../workspace/json-path.js';
import {
  SCHEMA_DIRECTORIES,
  type WorkspaceFile,
  type WorkspaceFiles,
} from '../workspace/workspace-files.js';
import { DocumentStructure } from './document-structure.js';
import { environmentFindings } from './environments.js';
import { type Document, type Finding, withoutRepetitions } from './finding.js';
import { isWrapped, jsonValueFindings } from './json-values.js';
import { duplicateKeys } from './keys.js';
import { layoutFindings, placeFindings } from './layout.js';
import { referenceFindings } from './references.js';
import { ruleFindings } from './rule-lists.js';
import { valueFindings } from './values.js';
import { weightFindings } from './weights.js';

/**
 * Checks a workspace against every rule.
 *
 * @param onFile called before each file, for progress
 * @returns the findings in the order of the files
 */
export function verifyWorkspace(
  workspace: WorkspaceFiles,
  onFile: (done: number, total: number) => void = () => {},
): Finding[] {
  const { settings, files } = workspace;
  const structure = new DocumentStructure();
  const environments = environmentsIn(settings.content);
  const documents = files.flatMap(documentOf);
  const configs = documents.filter((document) => !isSchema(document));
  const schemas = documents.filter(isSchema);

  const findings = layoutFindings(workspace);
  if (isJsonObject(settings.content)) findings.push(...structure.ofSettings(settings));
  for (const [index, document] of documents.entries()) {
    onFile(index, documents.length);
    findings.push(...duplicateProperties(document));
    // A file in schemas/ that is a JSON Schema itself has neither key nor rules.
    if (isSchema(document) && !isWrapped(document.content)) continue;
    const ofStructure = structure.ofDocument(document.file);
    const reported = new Set(ofStructure.map(({ at }) => pointerOf(at ?? [])));
    findings.push(
      ...placeFindings(document),
      ...ofStructure,
      ...environmentFindings(document, environments, reported),
      ...valueFindings(document),
      ...weightFindings(document),
      ...ruleFindings(document, reported),
    );
  }
  findings.push(
    ...duplicateKeys(documents),
    ...referenceFindings(configs),
    ...jsonValueFindings(configs, schemas),
  );
  return inOrderOfFiles(withoutRepetitions(findings), files);
}

function isSchema({ file }: Document): boolean {
  return SCHEMA_DIRECTORIES.includes(file.directory);
}

function documentOf(file: WorkspaceFile): Document[] {
  const { content, path, directory } = file;
  if (!isJsonObject(content)) return [];
  const { key } = content;
  const name = path.slice(directory.length + 1, -'.json'.length);
  const isPlainSchema = SCHEMA_DIRECTORIES.includes(directory) && !isWrapped(content);
  return [{ file, content, key: isPlainSchema ? name : typeof key === 'string' ? key : undefined }];
}

/** JSON.parse keeps only the last of several properties with one name, so count names in the text first. */
function duplicateProperties({ file: { path, text }, content }: Document): Finding[] {
  const written = text!.match(/"\s*:/g)?.length ?? 0;
  if (written === countProperties(content)) return [];
  return new JsonLocator(text!).duplicates().map((at) => ({
    rule: 'duplicate-property',
    path,
    at,
    on: 'name',
    message: `The property ${JSON.stringify(at.at(-1))} occurs twice in this object; only the last one counts. Remove one.`,
  }));
}

function countProperties(root: unknown): number {
  let count = 0;
  const pending = [root];
  while (pending.length > 0) {
    const node = pending.pop();
    if (typeof node !== 'object' || node === null) continue;
    const values = Object.values(node);
    if (!Array.isArray(node)) count += values.length;
    for (const value of values) pending.push(value);
  }
  return count;
}

/** Sorts by file; findings about one file stay in the order of the checks. */
function inOrderOfFiles(findings: readonly Finding[], files: readonly WorkspaceFile[]): Finding[] {
  const order = new Map(files.map(({ path }, index) => [path, index]));
  return findings.toSorted((a, b) => (order.get(a.path) ?? -1) - (order.get(b.path) ?? -1));
}
