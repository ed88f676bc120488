import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import {
  getQuonfigToken,
  QuonfigModule,
  type QuonfigModuleExtras,
  type QuonfigTypes,
} from '../index.js';
import {
  createTestQuonfig,
  createTestQuonfigFromRules,
  createTestQuonfigFromWorkspace,
  TestQuonfig,
  type TestQuonfigOptions,
} from './test-quonfig.js';
import type { TestRules } from './test-rules.js';
import type { TestValues } from './test-values.js';

/**
 * Options of {@link QuonfigTestingModule}: those of the service, `isGlobal` and `name`.
 *
 * @publicApi
 */
export type QuonfigTestingOptions = TestQuonfigOptions & QuonfigModuleExtras;

/**
 * `QuonfigModule` with a service for tests, for tests that import some modules of an application but not its root. Everything
 * that `QuonfigModule` provides is there: guards, parameters, update handlers, request contexts. Get the service with
 * `app.get(TestQuonfig)`, or that of a named instance with `app.get(getQuonfigToken(name))`.
 *
 * @publicApi
 */
@Module({})
export class QuonfigTestingModule {
  /**
   * @param values see `createTestQuonfig`
   * @param options see {@link QuonfigTestingOptions}. Default `{}`
   * @returns the module, for `imports`
   * @throws {TestValueError} `test_value`: a value is not valid
   * @throws {InvalidOptionsError} `invalid_options`
   * @example
   * ```ts
   * Test.createTestingModule({ imports: [QuonfigTestingModule.forValues({ 'search.limit': 20 }), SearchModule] })
   * ```
   */
  static forValues<Types = QuonfigTypes>(
    values: TestValues<Types>,
    options: QuonfigTestingOptions = {},
  ): DynamicModule {
    const { extras, own } = split(options);
    return moduleWith(createTestQuonfig<Types>(values, own), extras);
  }

  /**
   * @param rules see `createTestQuonfigFromRules`
   * @param options see {@link QuonfigTestingOptions}. Default `{}`
   * @returns the module, for `imports`
   * @throws {TestValueError} `test_value`: a value or rule is not valid
   * @throws {InvalidOptionsError} `invalid_options`
   */
  static forRules<Types = QuonfigTypes>(
    rules: TestRules<Types>,
    options: QuonfigTestingOptions = {},
  ): DynamicModule {
    const { extras, own } = split(options);
    return moduleWith(createTestQuonfigFromRules<Types>(rules, own), extras);
  }

  /**
   * @param datadir see `createTestQuonfigFromWorkspace`
   * @param environment id of the environment whose rules apply
   * @param options see {@link QuonfigTestingOptions}. Default `{}`
   * @returns a promise of the module, which `imports` accepts
   * @throws {QuonfigError} what reading the directory throws
   */
  static async forWorkspace(
    datadir: string,
    environment: string,
    options: Omit<QuonfigTestingOptions, 'environment'> = {},
  ): Promise<DynamicModule> {
    const { extras, own } = split(options);
    return moduleWith(await createTestQuonfigFromWorkspace(datadir, environment, own), extras);
  }
}

function split({ isGlobal, name, ...own }: QuonfigTestingOptions): {
  readonly extras: QuonfigModuleExtras;
  readonly own: TestQuonfigOptions;
} {
  return { extras: { isGlobal, name }, own };
}

/** The module itself, with the service in place of the one that it would create. */
function moduleWith<Types>(
  quonfig: TestQuonfig<Types>,
  extras: QuonfigModuleExtras,
): DynamicModule {
  const { providers = [], exports = [], ...definition } = QuonfigModule.forRoot(extras);
  const token = getQuonfigToken(extras.name);
  const provided: Provider[] = [{ provide: token, useValue: quonfig }];
  if (extras.name === undefined) provided.push({ provide: TestQuonfig, useExisting: token });
  return {
    module: QuonfigTestingModule,
    imports: [
      {
        ...definition,
        // A later provider replaces an earlier one with its token.
        providers: [...providers, ...provided],
        exports: [...exports, ...(extras.name === undefined ? [TestQuonfig] : [])],
      },
    ],
    exports: [QuonfigModule],
  };
}
