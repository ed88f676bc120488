import 'reflect-metadata';
import { applyDecorators, Controller, Get } from '@nestjs/common';
import {
  ApiExcludeController,
  ApiExcludeEndpoint,
  DocumentBuilder,
  SwaggerModule,
} from '@nestjs/swagger';
import { Test } from '@nestjs/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { QuonfigModule, RequireFlag } from '../../../lib/index.js';
import { constant, envelope } from '../../support/configs.js';
import { RecordingLogger } from '../../support/recording-logger.js';

/** The one line of docs/guards.md. */
const HiddenBehind = (key: string) => applyDecorators(RequireFlag(key), ApiExcludeEndpoint());

@Controller()
class Mixed {
  @Get('open') open() {
    return 'reached';
  }
  @Get('guarded') @RequireFlag('off') guarded() {
    return 'reached';
  }
  @Get('hidden') @HiddenBehind('off') hidden() {
    return 'reached';
  }
  @Get('on') @HiddenBehind('on') on() {
    return 'reached';
  }
}

@Controller('area')
@RequireFlag('off')
@ApiExcludeController()
class Hidden {
  @Get() hidden() {
    return 'reached';
  }
}

describe('guarded routes in OpenAPI', () => {
  it('the documented decorators guard routes and hide them from the document', async () => {
    const datafile = envelope([constant('on', 'bool', true), constant('off', 'bool', false)]);
    const module = await Test.createTestingModule({
      imports: [QuonfigModule.forRoot({ datafile, logger: new RecordingLogger() })],
      controllers: [Mixed, Hidden],
    }).compile();
    const app = module.createNestApplication({ logger: false });
    onTestFinished(() => app.close());
    const document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
    expect(Object.keys(document.paths)).toEqual(['/open', '/guarded']);
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    const paths = ['open', 'guarded', 'hidden', 'on', 'area'];
    const responses = await Promise.all(paths.map((path) => fetch(`${url}/${path}`)));
    expect(responses.map(({ status }) => status)).toEqual([200, 404, 404, 200, 404]);
  });
});
