import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule);
await app.listen(process.env.PORT ?? '3010', '127.0.0.1');
console.log(`Books at ${await app.getUrl()}/books`);
