import 'reflect-metadata';
import { ExpressAdapter } from '@nestjs/platform-express';
import { testNestjsPino } from './support/nestjs-pino.js';

testNestjsPino('Express', new ExpressAdapter());
