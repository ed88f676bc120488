/** A file of the example, and its path below the workspace. */
export interface ExampleFile {
  readonly path: string;
  readonly text: string;
}

/**
 * A workspace with one config of each kind that an application reads.
 *
 * @param name the name of the workspace
 * @param schemas the directory of the JSON Schemas, from the workspace, with forward slashes
 */
export function exampleWorkspace(name: string, schemas: string): ExampleFile[] {
  const file = (path: string, content: object): ExampleFile => {
    const schema = path.includes('/')
      ? `../${schemas}/document.schema.json`
      : `${schemas.startsWith('.') ? '' : './'}${schemas}/quonfig.schema.json`;
    return { path, text: `${JSON.stringify({ $schema: schema, ...content }, null, 2)}\n` };
  };
  return [
    file('quonfig.json', { environments: ['development', 'production'], workspace: name }),
    file('configs/welcome.text.json', {
      key: 'welcome.text',
      type: 'config',
      valueType: 'string',
      description: 'What visitors read first',
      default: {
        rules: [
          {
            criteria: [
              {
                propertyName: 'user.plan',
                operator: 'PROP_IS_ONE_OF',
                valueToMatch: { type: 'string_list', value: ['pro'] },
              },
            ],
            value: { type: 'string', value: 'Welcome back' },
          },
          always({ type: 'string', value: 'Welcome' }),
        ],
      },
    }),
    file('feature-flags/welcome.banner.json', {
      key: 'welcome.banner',
      type: 'feature_flag',
      valueType: 'bool',
      description: 'A banner above the welcome text, so far only in development',
      default: { rules: [always({ type: 'bool', value: false })] },
      environments: [{ id: 'development', rules: [always({ type: 'bool', value: true })] }],
    }),
    file('log-levels/log-level.app.json', {
      key: 'log-level.app',
      type: 'log_level',
      valueType: 'log_level',
      description: 'What the application logs',
      default: { rules: [always({ type: 'log_level', value: 'INFO' })] },
      environments: [{ id: 'development', rules: [always({ type: 'log_level', value: 'DEBUG' })] }],
    }),
  ];
}

const always = (value: object): object => ({ criteria: [{ operator: 'ALWAYS_TRUE' }], value });
