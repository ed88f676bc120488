import {
  Controller,
  Get,
  Inject,
  Post,
  Req,
  Res,
  SetMetadata,
  type Type,
  UseGuards,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { assets, pageHtml } from './assets.js';
import type { GuardOption } from './inspector-options.js';
import {
  contextsOf,
  endsWithSlash,
  type InspectorRequest,
  keyQueryOf,
  overridesOf,
  parameter,
  Refusal,
  refuseOtherOrigins,
  refuseOtherSites,
} from './inspector-request.js';
import {
  contextsNotKept,
  keyMissing,
  noSuchKey,
  overridesOff,
  tooManyStreams,
} from './inspector.messages.js';
import { Inspector } from './inspector.js';
import { HEADERS } from './replies.js';

/** What `@nestjs/swagger` looks for on controllers that it leaves out. */
const EXCLUDED_FROM_SWAGGER = 'swagger/apiExcludeController';

/**
 * Creates the controller of one path. Its handlers write their responses themselves: interceptors, filters and pipes of the
 * application would change them.
 */
export function inspectorController(path: string, guards: readonly GuardOption[]): Type {
  const name = path.split('/').findLast(Boolean) ?? '';

  @SetMetadata(EXCLUDED_FROM_SWAGGER, [true])
  @UseGuards(...guards)
  @Controller({ path, version: VERSION_NEUTRAL })
  class QuonfigInspectorController {
    constructor(@Inject(Inspector) private readonly inspector: Inspector) {}

    @Get()
    page(@Req() request: InspectorRequest, @Res() response: unknown): void {
      // Relative, because a proxy may serve the application below another path.
      const base = endsWithSlash(request) ? './' : `./${name}/`;
      this.inspector.replies.page(response, pageHtml(base));
    }

    @Get('assets/:file')
    asset(@Req() request: InspectorRequest, @Res() response: unknown): void {
      const { file } = request.params as { file: string };
      const asset = Object.hasOwn(assets, file) ? assets[file] : undefined;
      const { replies } = this.inspector;
      if (asset) replies.asset(response, asset.type, asset.text);
      else replies.json(response, { message: 'No such file. Reload the page.' }, 404);
    }

    @Get('api/keys')
    keys(@Req() request: InspectorRequest, @Res() response: unknown): Promise<void> {
      return this.answer(request, response, () =>
        this.inspector.keys(keyQueryOf(request), contextsOf(request)),
      );
    }

    @Get('api/key')
    key(@Req() request: InspectorRequest, @Res() response: unknown): Promise<void> {
      return this.answer(request, response, async () => {
        const key = parameter(request, 'key');
        if (key === undefined) throw new Refusal(400, keyMissing);
        const view = await this.inspector.key(key, contextsOf(request));
        if (view === undefined) throw new Refusal(404, noSuchKey(key.slice(0, 200)));
        return view;
      });
    }

    @Get('api/health')
    health(@Req() request: InspectorRequest, @Res() response: unknown): Promise<void> {
      return this.answer(request, response, () => this.inspector.health());
    }

    @Get('api/history')
    history(@Req() request: InspectorRequest, @Res() response: unknown): Promise<void> {
      return this.answer(request, response, () => ({ updates: this.inspector.history.entries }));
    }

    @Get('api/differences')
    differences(@Req() request: InspectorRequest, @Res() response: unknown): Promise<void> {
      return this.answer(request, response, async () => {
        const keys = await this.inspector.differences(Number(parameter(request, 'update')));
        return { keys: keys ?? [] };
      });
    }

    @Get('api/contexts')
    contexts(@Req() request: InspectorRequest, @Res() response: unknown): Promise<void> {
      return this.answer(request, response, () => {
        const { recentContexts } = this.inspector;
        if (recentContexts === undefined) return { kept: false, message: contextsNotKept };
        return { kept: true, contexts: recentContexts.list };
      });
    }

    @Get('api/overrides')
    overrides(@Req() request: InspectorRequest, @Res() response: unknown): Promise<void> {
      return this.answer(request, response, () => {
        const { overrides } = this.inspector;
        return overrides?.view(request) ?? { enabled: false, values: {} };
      });
    }

    @Post('api/overrides')
    override(@Req() request: InspectorRequest, @Res() response: unknown): Promise<void> {
      return this.answer(request, response, () => {
        refuseOtherOrigins(request);
        const { overrides, replies } = this.inspector;
        if (overrides === undefined) throw new Refusal(403, overridesOff);
        replies.cookie(response, overrides.cookieFor(request, overridesOf(request)));
        return {};
      });
    }

    @Get('api/events')
    async events(@Req() request: InspectorRequest, @Res() response: unknown): Promise<void> {
      const { streams, replies } = this.inspector;
      await replies.refusing(response, () => {
        refuseOtherSites(request);
        if (!streams.hasRoom) throw new Refusal(503, tooManyStreams);
        streams.add(response, HEADERS);
      });
    }

    private answer(
      request: InspectorRequest,
      response: unknown,
      action: () => unknown,
    ): Promise<void> {
      return this.inspector.replies.jsonOf(response, () => {
        refuseOtherSites(request);
        return action();
      });
    }
  }

  return QuonfigInspectorController;
}
