import { assumedImports } from '../docs/snippets.js';
import { pageNamed } from '../docs/page.js';

/** What the strictest applications set. */
const strictest = {
  target: 'ES2022',
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  skipLibCheck: false,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  noEmit: true,
};

const optionsProgram = `import {
  type Config, type ConfigValue, type Criterion, type Envelope, type EnvelopeMeta, type EnvironmentRules,
  OnQuonfigUpdate, type OnQuonfigUpdateOptions, type SdkLogger, QuonfigModule, type QuonfigModuleExtras,
  type QuonfigModuleOptions, QuonfigService, type QuonfigUpdate, type Rule, type RuleSet, type ShouldLogRequest,
} from 'nestjs-quonfig';
import { type QuonfigMetricsOptions, registerQuonfigMetrics } from 'nestjs-quonfig/prometheus';
import { Registry } from 'prom-client';

/** The optional properties of T that refuse \`undefined\`. */
type Refusing<T> = {
  [K in keyof T]-?: Record<never, never> extends Pick<T, K>
    ? undefined extends Required<T>[K] ? never : K
    : never;
}[keyof T];
type None<T extends never> = T;

export type EveryOptionalPropertyAcceptsUndefined = [
  None<Refusing<QuonfigModuleOptions>>, None<Refusing<QuonfigModuleExtras>>, None<Refusing<SdkLogger>>,
  None<Refusing<OnQuonfigUpdateOptions>>, None<Refusing<ShouldLogRequest>>, None<Refusing<QuonfigMetricsOptions>>,
  None<Refusing<Envelope>>, None<Refusing<EnvelopeMeta>>, None<Refusing<Config>>, None<Refusing<ConfigValue>>,
  None<Refusing<Criterion>>, None<Refusing<Rule>>, None<Refusing<RuleSet>>, None<Refusing<EnvironmentRules>>,
];
// @ts-expect-error This property refuses it, so the check above can fail.
export type Control = None<Refusing<{ refusing?: string }>>;

const { DIR: datadir } = process.env;
export const module = QuonfigModule.forRoot({ datadir, sdkKey: process.env['KEY'], name: undefined });
export const asynchronous = QuonfigModule.forRootAsync({
  useFactory: () => ({ datadir, logger: undefined, onConfigUpdate: undefined }),
});
export const create = (): Promise<QuonfigService> => QuonfigService.create();

export class Handlers {
  @OnQuonfigUpdate('greeting', { name: process.env['NAME'] })
  changed({ added: [first] }: QuonfigUpdate): string | undefined {
    // @ts-expect-error A list may be empty.
    first.length;
    return first;
  }
}

export function reads(quonfig: QuonfigService, level: string | undefined): boolean {
  registerQuonfigMetrics(new Registry(), quonfig, { name: process.env['NAME'] });
  const [first] = quonfig.getStringList('names', { user: { key: undefined } }, undefined);
  // @ts-expect-error A list may be empty.
  first.length;
  return quonfig.shouldLog({ loggerPath: 'a', configKey: undefined, desiredLevel: 'info', defaultLevel: level });
}
`;

const fetchProgram = `import type { QuonfigFetch, QuonfigModuleOptions } from 'nestjs-quonfig';
import { Agent, fetch as undiciFetch } from 'undici';

const dispatcher = new Agent();
export const fetches: QuonfigFetch[] = [
  fetch,
  undiciFetch,
  (url, init) => fetch(url, init),
  (url, init) => undiciFetch(url, { ...init, dispatcher }),
];
export const options: QuonfigModuleOptions[] = [{ fetch }, { fetch: undiciFetch }, { fetch: undefined }];
// @ts-expect-error A response has a status.
export const wrong: QuonfigFetch = () => Promise.resolve({ headers: new Headers(), body: null });
`;

const genericProgram = `import type {
  ConfigKey, KeyOf, KnownKey, QuonfigService, QuonfigTypes,
} from 'nestjs-quonfig';

export function enabled<Key extends KeyOf<boolean>>(quonfig: QuonfigService, keys: readonly Key[]): Key[] {
  return keys.filter((key) => quonfig.isEnabled(key));
}
export const present = (quonfig: QuonfigService, key: ConfigKey): boolean =>
  quonfig.rawConfig(key) !== undefined;
export class Setting<Key extends KnownKey> {
  constructor(private readonly quonfig: QuonfigService, private readonly key: Key) {}

  get value(): QuonfigTypes[Key] {
    return this.quonfig.get(this.key);
  }
}
`;

const augmentation = `declare module 'nestjs-quonfig' {
  interface QuonfigTypes { 'shop.open': boolean; 'shop.limit': number }
}
export const open = (quonfig: QuonfigService): 'shop.open'[] => enabled(quonfig, ['shop.open']);
export const limit = (quonfig: QuonfigService): number => new Setting(quonfig, 'shop.limit').value;
// @ts-expect-error The value of this key is a number.
export const wrong = (quonfig: QuonfigService) => enabled(quonfig, ['shop.limit']);
`;

/** Folders of programs. Declared keys affect all programs that are compiled together, so each declaration has its own folder. */
const folders: Record<string, Record<string, string>> = {
  programs: {
    'options.ts': optionsProgram,
    'fetch.ts': fetchProgram,
    'generic.ts': genericProgram,
    ...readme((code) => !code.includes('declare module')),
  },
  'programs-with-keys': { 'generic.ts': genericProgram + augmentation },
  'programs-with-the-keys-of-the-readme': readme((code) => code.includes('declare module')),
};

/** The TypeScript blocks of the README that are selected. */
function readme(selects: (code: string) => boolean): Record<string, string> {
  const blocks = pageNamed('README.md').blocks.filter(
    ({ language, code }) => language === 'ts' && selects(code),
  );
  if (blocks.length === 0) throw new Error('The README has no such block.');
  return Object.fromEntries(
    blocks.map(({ code, line }) => {
      const imports = /^import /m.test(code)
        ? ''
        : `${assumedImports}declare const quonfig: QuonfigService;\n`;
      return [`readme-line-${line}.ts`, `${imports}${code}\nexport {};\n`];
    }),
  );
}

const resolutions: Record<string, object> = {
  node16: { module: 'Node16', moduleResolution: 'Node16', lib: ['ES2023'] },
  bundler: { module: 'ESNext', moduleResolution: 'bundler', lib: ['ES2023'] },
  'bundler-with-dom': { module: 'ESNext', moduleResolution: 'bundler', lib: ['ES2023', 'DOM'] },
};

/** The projects to compile: each folder of programs with each module resolution. */
export const strictProjects: string[] = [];
/**
 * Programs under the strictest compiler options: options, `fetch`, generic code, and the examples of the README. They need
 * `undici` and `prom-client`.
 */
export const strictPrograms: Record<string, string> = {
  'package.json': '{ "name": "consumer", "private": true, "type": "module" }',
};

for (const [folder, programs] of Object.entries(folders)) {
  for (const [name, code] of Object.entries(programs)) strictPrograms[`${folder}/${name}`] = code;
  for (const [resolution, options] of Object.entries(resolutions)) {
    const project = `${folder}/tsconfig.${resolution}.json`;
    const compilerOptions = { ...strictest, ...options };
    strictPrograms[project] = JSON.stringify({ compilerOptions, include: ['*.ts'] });
    strictProjects.push(project);
  }
}
