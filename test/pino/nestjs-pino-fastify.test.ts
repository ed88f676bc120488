import 'reflect-metadata';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { testNestjsPino } from './support/nestjs-pino.js';

testNestjsPino('Fastify', new FastifyAdapter());
