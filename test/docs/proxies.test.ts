import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Child } from '../support/child-process.js';
import { envelopeOf, SDK_KEY } from '../support/delivery-server.js';
import { httpProxyTo } from '../support/http-proxy.js';
import { serve, until } from '../support/networked.js';
import { pageNamed } from './page.js';
import { Project } from './typescript.js';

const recipe = pageNamed('docs/delivery.md').blocks.find(({ section }) => section === 'Proxies')!;

/** Prints a value, then every later one, until the end of the standard input. */
const main = `import { QuonfigService } from 'nestjs-quonfig';
import { options } from './recipe.js';

const quonfig = await QuonfigService.create({
  ...options,
  sdkKey: '${SDK_KEY}',
  apiUrls: ['http://primary.quonfig.invalid', 'http://secondary.quonfig.invalid'],
  streamUrl: 'http://stream.quonfig.invalid',
  telemetryUrl: 'http://telemetry.quonfig.invalid',
});
quonfig.observe('greeting').subscribe((value) => console.log(value));
process.once('SIGTERM', () => void quonfig.close());
`;

describe('the proxy recipe of docs/delivery.md', { timeout: 120_000 }, () => {
  it('configs, stream and telemetry go through the proxy that the variables name', async () => {
    const server = await serve({ envelope: envelopeOf({ values: { greeting: 'hello' } }) });
    const proxy = await httpProxyTo(server.port);
    const project = await Project.create(
      new Map([
        ['src/recipe.ts', recipe.code],
        ['src/main.ts', main],
      ]),
    );
    onTestFinished(() => project.remove());
    expect(await project.compile()).toEqual([]);
    const child = Child.node([join(project.folder, 'dist', 'main.js')], {
      env: { HTTP_PROXY: proxy.url, http_proxy: proxy.url, NO_PROXY: '', no_proxy: '' },
    });

    await child.printed(/^hello$/m);
    await until(() => expect(server.openStreams).toBe(1));
    server.publish(envelopeOf({ generation: 2, values: { greeting: 'bonjour' } }));
    await child.printed(/^bonjour$/m);
    child.kill('SIGTERM');
    expect(await child.ended).toEqual({ code: 0, signal: null });

    const hosts = new Set(proxy.targets.map((target) => target.split(':')[0]));
    expect(hosts).toEqual(
      new Set(['primary.quonfig.invalid', 'stream.quonfig.invalid', 'telemetry.quonfig.invalid']),
    );
    expect(child.output).not.toContain('HTTP_PROXY');
  });
});
